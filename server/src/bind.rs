//! The sockets that the server listens on.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::config::Config;
use crate::serve::ServeError;
use crate::transport::udp::{self, UdpSockets};

/// Binds where operators alone are served.
pub(crate) fn bind_operators(address: SocketAddr) -> Result<TcpListener, ServeError> {
    bind_tcp_or_explain(address, "TCP, operations", Listener::Operations)
}

/// Binds where plain HTTP is redirected; `address` is that of the one port.
pub(crate) fn bind_redirect(mut address: SocketAddr, port: u16) -> Result<TcpListener, ServeError> {
    address.set_port(port);
    bind_tcp_or_explain(address, "TCP, redirect_port", Listener::Redirects)
}

fn bind_tcp_or_explain(
    address: SocketAddr,
    protocol: &'static str,
    listener: Listener,
) -> Result<TcpListener, ServeError> {
    bind_tcp(address).map_err(|error| ServeError::Bind {
        address,
        protocol,
        reason: explain(&error, listener),
    })
}

/// Binds the one port number, TCP and UDP; with a socket for QUIC on each of so many threads.
pub(crate) fn bind(
    config: &Config,
    threads: usize,
) -> Result<(TcpListener, UdpSockets), ServeError> {
    let wanted = SocketAddr::new(config.listen, config.port);
    let fault = |protocol: &'static str, address| {
        move |error: std::io::Error| ServeError::Bind {
            address,
            protocol,
            reason: explain(&error, Listener::Players),
        }
    };
    let tcp = bind_players(wanted).map_err(fault("TCP", wanted))?;
    let address = tcp.local_addr()?;
    let udp =
        udp::bind(address, config.webrtc_fallback_port, threads).map_err(fault("UDP", address))?;
    Ok((tcp, udp))
}

/// Binds TCP alone, for a server without rooms.
pub(crate) fn bind_front(config: &Config) -> Result<TcpListener, ServeError> {
    let wanted = SocketAddr::new(config.listen, config.port);
    bind_players(wanted).map_err(|error| ServeError::Bind {
        address: wanted,
        protocol: "TCP",
        reason: explain(&error, Listener::Players),
    })
}

/// Binds TCP for players; on IPv4 alone where a machine has no IPv6 and all addresses are asked for.
pub(crate) fn bind_players(wanted: SocketAddr) -> std::io::Result<TcpListener> {
    match bind_tcp(wanted) {
        Err(error)
            if error.raw_os_error() == Some(libc::EAFNOSUPPORT) && wanted.ip().is_unspecified() =>
        {
            bind_tcp(SocketAddr::from((Ipv4Addr::UNSPECIFIED, wanted.port())))
        }
        outcome => outcome,
    }
}

pub(crate) fn bind_tcp(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::STREAM,
        Some(socket2::Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // A restart must not wait for connections of the last run to time out.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(1_024)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// What listens, by the setting that says where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listener {
    Players,
    Operations,
    Redirects,
}

impl Listener {
    /// How to have it elsewhere.
    pub(crate) fn elsewhere(self) -> &'static str {
        match self {
            Self::Players => "choose another with --port",
            Self::Operations => "choose another in operations",
            Self::Redirects => "choose another redirect_port",
        }
    }
}

fn explain(error: &std::io::Error, listener: Listener) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            let elsewhere = listener.elsewhere();
            format!("the port is in use; stop the other program or {elsewhere}")
        }
        std::io::ErrorKind::PermissionDenied => {
            "not allowed; ports below 1024 need a privilege (CAP_NET_BIND_SERVICE)".to_owned()
        }
        _ => error.to_string(),
    }
}
