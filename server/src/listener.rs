//! Serves HTTP on a listener: takes connections, TLS where there is any, and ends them in time. HTTP/1.1 alone, which is
//! what WebSockets are upgraded from; browsers have HTTP/3 beside it, at the UDP port.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_layer::Layer;
use tracing::warn;

use crate::accept::{Acceptor, HEADER_TIMEOUT};
use crate::connections::Place;
use crate::tcp::Watched;
use crate::tls::TcpTls;
use crate::tls_accept;

/// How long requests that run may go on when the server shuts down.
const GRACE: Duration = Duration::from_secs(3);

/// How long no connection is taken when the system has no file for it.
const PAUSE: Duration = Duration::from_millis(20);

/// Most bytes of a request's head.
const MOST_HEAD: usize = 16 * 1024;

/// What is served to whoever connects.
#[derive(Clone)]
pub(crate) struct Server {
    /// Who gets a place.
    pub(crate) acceptor: Acceptor,
    /// What is spoken below HTTP, if anything.
    pub(crate) tls: Option<TcpTls>,
    /// What answers.
    pub(crate) router: Router,
}

/// Serves on `listener` until `stop`, and then for as long as requests run, three seconds at most.
///
/// # Errors
/// When the listener can't be used at all.
pub(crate) async fn serve(
    listener: std::net::TcpListener,
    server: Server,
    stop: CancellationToken,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let server = Arc::new(server);
    let conversations = TaskTracker::new();
    loop {
        let taken = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            taken = listener.accept() => taken,
        };
        match taken {
            Ok((stream, peer)) => {
                if let Some(place) = server.acceptor.place(peer) {
                    let server = Arc::clone(&server);
                    conversations.spawn(server.converse(stream, peer, place, stop.clone()));
                }
            }
            // It was given up before it was taken.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                warn!(%error, "no connection can be taken");
                server.acceptor.connections.make_room();
                sleep(PAUSE).await;
            }
        }
    }
    conversations.close();
    conversations.wait().await;
    Ok(())
}

impl Server {
    /// A connection from its beginning to its end, or until its place goes to somebody else.
    async fn converse(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        place: Place,
        stop: CancellationToken,
    ) {
        let closed = place.closed();
        let requests = async {
            // What goes wrong here is the peer's doing, and counted where that says anything.
            let _ = self.serve_requests(stream, peer, place, &stop).await;
        };
        let cut_short = async {
            stop.cancelled().await;
            sleep(GRACE).await;
        };
        tokio::select! {
            () = requests => {}
            () = closed.cancelled() => {}
            () = cut_short => {}
        }
    }

    async fn serve_requests(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        place: Place,
        stop: &CancellationToken,
    ) -> io::Result<()> {
        let accepted = self.acceptor.accept(stream, peer, place).await?;
        let stream = Watched::new(accepted.stream);
        let socket = stream.handle();
        let begun = tls_accept::begin(stream, accepted.first, self.tls.as_ref());
        let (stream, came) = timeout(HEADER_TIMEOUT, begun).await??;
        let service = Extension(came).layer(self.router.clone());
        let service = Extension(accepted.peer).layer(service);
        let service = Extension(socket).layer(service);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // Also for the next head, on a connection that is kept.
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(MOST_HEAD)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
            .with_upgrades();
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        drop(accepted.place);
        ended.map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::net::Ipv4Addr;

    use axum::routing::get;
    use signaling::{Peer, Reach};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpSocket;

    use crate::connections::Connections;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

    /// Tells each client its address.
    fn start(reach: Reach, is_proxy_protocol: bool, most: usize) -> SocketAddr {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server {
            acceptor: Acceptor {
                reach: Arc::new(reach),
                is_proxy_protocol,
                connections: Connections::new(most),
            },
            tls: None,
            router: Router::new().route(
                "/",
                get(async |Extension(peer): Extension<Peer>| peer.ip().to_string()),
            ),
        };
        tokio::spawn(serve(listener, server, CancellationToken::new()));
        address
    }

    fn this_machine() -> Reach {
        Reach {
            trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
            ..Reach::default()
        }
    }

    async fn connect(server: SocketAddr, last: u8) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        let from = SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0));
        socket.bind(from).unwrap();
        socket.connect(server).await.unwrap()
    }

    /// Whatever comes until the other end closes.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_falls_silent_anywhere_is_closed() {
        let server = start(this_machine(), false, 100);
        let whole = [PREFACE, SETTINGS].concat();
        for said in [
            &b""[..],
            b"G",
            b"GET / HT",
            b"GET / HTTP/1.1\r\nhost: localhost\r\n",
            REQUEST,
            b"PRI",
            b"PRI * HT",
            PREFACE,
            &whole,
        ] {
            let mut stream = connect(server, 1).await;
            stream.write_all(said).await.unwrap();
            let answer = timeout(2 * HEADER_TIMEOUT, rest(&mut stream)).await;
            let answer = answer.unwrap_or_else(|_| panic!("open after {said:?}"));
            let is_answered = answer.starts_with("HTTP/1.1 200");
            assert_eq!(is_answered, said == REQUEST, "{answer}");
            assert!(!answer.as_bytes().starts_with(&[0, 0]), "HTTP/2 is spoken");
        }
    }

    #[tokio::test]
    async fn silence_of_one_address_shuts_nobody_out() {
        let server = start(Reach::default(), false, 50);
        let mut held = Vec::new();
        for number in 0..200 {
            held.push(connect(server, 2 + number % 4).await);
        }
        for newcomer in 10..20 {
            let mut stream = connect(server, newcomer).await;
            stream.write_all(REQUEST).await.unwrap();
            let mut status = [0; 12];
            stream.read_exact(&mut status).await.unwrap();
            assert_eq!(&status, b"HTTP/1.1 200");
            held.push(stream);
        }
    }

    #[tokio::test]
    async fn a_proxy_header_is_read_in_pieces_of_any_size() {
        let server = start(this_machine(), true, 100);
        let close = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        let line = b"PROXY TCP4 192.0.2.7 10.0.0.1 4711 443\r\n";
        let binary = [
            &b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..],
            &[192, 0, 2, 7, 10, 0, 0, 1, 18, 103, 1, 187],
        ];
        for header in [&line[..], &binary.concat()] {
            let whole = [header, close].concat();
            for size in [1, 7, whole.len()] {
                let mut stream = connect(server, 1).await;
                for piece in whole.chunks(size) {
                    stream.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
                let answer = rest(&mut stream).await;
                assert!(answer.ends_with("192.0.2.7"), "{size}: {answer}");
            }
        }
    }

    #[tokio::test]
    async fn a_proxy_header_that_nobody_asked_for_is_refused() {
        let server = start(this_machine(), false, 100);
        let mut stream = connect(server, 1).await;
        let begun = b"PROXY TCP4 192.0.2.7 10.0.0.1 4711 443\r\nGET / HTTP/1.1\r\n\r\n";
        stream.write_all(begun).await.unwrap();
        assert_eq!(rest(&mut stream).await, "");
    }

    #[tokio::test]
    async fn a_stop_lets_a_request_end_and_closes_what_is_idle() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let slow = get(async || {
            sleep(Duration::from_millis(200)).await;
            "late"
        });
        let server = Server {
            acceptor: Acceptor {
                reach: Arc::new(this_machine()),
                is_proxy_protocol: false,
                connections: Connections::new(100),
            },
            tls: None,
            router: Router::new().route("/", slow),
        };
        let stop = CancellationToken::new();
        let served = tokio::spawn(serve(listener, server, stop.clone()));
        let (mut busy, mut idle) = (connect(address, 1).await, connect(address, 1).await);
        busy.write_all(REQUEST).await.unwrap();
        sleep(Duration::from_millis(50)).await;
        stop.cancel();
        assert!(rest(&mut busy).await.ends_with("late"));
        assert_eq!(rest(&mut idle).await, "");
        assert!(timeout(2 * GRACE, served).await.is_ok());
    }
}
