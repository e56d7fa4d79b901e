//! The sockets that the server listens on.

use std::net::{IpAddr, SocketAddr, TcpListener};

use crate::config::Config;
use crate::serve::ServeError;
use crate::transport::udp::{self, UdpSockets};

/// Binds where operators alone are served.
pub(crate) fn bind_operators(address: SocketAddr) -> Result<TcpListener, ServeError> {
    bind_tcp_or_explain(address, "TCP, operations")
}

/// Binds where plain HTTP is redirected; `address` is that of the one port.
pub(crate) fn bind_redirect(mut address: SocketAddr, port: u16) -> Result<TcpListener, ServeError> {
    address.set_port(port);
    bind_tcp_or_explain(address, "TCP, redirect_port")
}

fn bind_tcp_or_explain(
    address: SocketAddr,
    protocol: &'static str,
) -> Result<TcpListener, ServeError> {
    bind_tcp(address).map_err(|error| ServeError::Bind {
        address,
        protocol,
        reason: explain(&error),
    })
}

/// Binds the one port number, TCP and UDP.
pub(crate) fn bind(config: &Config) -> Result<(TcpListener, UdpSockets), ServeError> {
    let wanted = SocketAddr::new(config.listen, config.port);
    let fault = |protocol: &'static str, address| {
        move |error: std::io::Error| ServeError::Bind {
            address,
            protocol,
            reason: explain(&error),
        }
    };
    let tcp = match bind_tcp(wanted) {
        // A machine without IPv6.
        Err(error)
            if error.raw_os_error() == Some(libc::EAFNOSUPPORT)
                && config.listen.is_unspecified() =>
        {
            let wanted = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), config.port);
            bind_tcp(wanted)
        }
        outcome => outcome,
    }
    .map_err(fault("TCP", wanted))?;
    let address = tcp.local_addr()?;
    let udp = udp::bind(address, config.webrtc_fallback_port).map_err(fault("UDP", address))?;
    Ok((tcp, udp))
}

fn bind_tcp(address: SocketAddr) -> std::io::Result<TcpListener> {
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

fn explain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "the port is in use; stop the other program or choose another with --port".to_owned()
        }
        std::io::ErrorKind::PermissionDenied => {
            "not allowed; ports below 1024 need a privilege (CAP_NET_BIND_SERVICE)".to_owned()
        }
        _ => error.to_string(),
    }
}
