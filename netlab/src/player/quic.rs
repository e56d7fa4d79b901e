//! A WebTransport link: datagrams, and one stream for Control.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use tokio::runtime::Runtime;
use wtransport::{ClientConfig, Connection, Endpoint, RecvStream, SendStream};

use super::{PlayerLink, Received};

/// How long to open may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A session without a Control stream.
#[derive(Debug)]
pub struct RawQuic {
    runtime: Runtime,
    connection: Connection,
}

/// A session with its Control stream, so that it can hold a seat.
#[derive(Debug)]
pub struct QuicLink {
    raw: RawQuic,
    control: SendStream,
    incoming: Receiver<Received>,
}

impl RawQuic {
    /// Opens a session at `path`. The certificate is taken as it is.
    ///
    /// # Errors
    /// When none comes up.
    pub fn open(server: SocketAddr, path: &str) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let config = ClientConfig::builder()
            .with_bind_address(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))
            .with_no_cert_validation()
            .build();
        let url = format!("https://{server}{path}");
        let connection = runtime.block_on(async {
            let endpoint = Endpoint::client(config)?;
            let connecting = endpoint.connect(url);
            tokio::time::timeout(PATIENCE, connecting)
                .await?
                .map_err(io::Error::other)
        })?;
        Ok(Self {
            runtime,
            connection,
        })
    }

    /// Sends a datagram.
    ///
    /// # Errors
    /// When it is too long for the path, or the session is over.
    pub fn send_datagram(&self, datagram: &[u8]) -> io::Result<()> {
        let _inside = self.runtime.enter();
        self.connection
            .send_datagram(datagram)
            .map_err(io::Error::other)
    }

    /// Opens all the streams that the server lets it, and writes to each as much as it takes, for so long.
    pub fn fill_streams(&self, time: Duration) {
        const CHUNK: [u8; 4_096] = [0x5a; 4_096];
        let fill = async |mut stream: SendStream| while stream.write_all(&CHUNK).await.is_ok() {};
        let one_way = async {
            while let Ok(opening) = self.connection.open_uni().await {
                let Ok(stream) = opening.await else { return };
                tokio::spawn(fill(stream));
            }
        };
        let two_way = async {
            while let Ok(opening) = self.connection.open_bi().await {
                let Ok((stream, _)) = opening.await else {
                    return;
                };
                tokio::spawn(fill(stream));
            }
        };
        let filling = async { tokio::join!(one_way, two_way) };
        let _ = self
            .runtime
            .block_on(async { tokio::time::timeout(time, filling).await });
    }

    /// Opens the Control stream.
    ///
    /// # Errors
    /// When the session is over.
    pub fn open_control(self) -> io::Result<QuicLink> {
        let opening = async {
            self.connection
                .open_bi()
                .await
                .map_err(io::Error::other)?
                .await
                .map_err(io::Error::other)
        };
        let (control, frames) = self.runtime.block_on(opening)?;
        let (sender, incoming) = channel();
        self.runtime
            .spawn(hand_out_datagrams(self.connection.clone(), sender.clone()));
        self.runtime.spawn(hand_out_frames(frames, sender));
        Ok(QuicLink {
            raw: self,
            control,
            incoming,
        })
    }
}

impl QuicLink {
    /// Opens a session and its Control stream; it holds no seat yet.
    ///
    /// # Errors
    /// When it doesn't come up.
    pub fn open(server: SocketAddr) -> io::Result<Self> {
        RawQuic::open(server, "/v1/webtransport")?.open_control()
    }

    /// Sends bytes on the Control stream, whatever they are.
    ///
    /// # Errors
    /// When the stream is over.
    pub fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        let sending = self.control.write_all(bytes);
        self.raw.runtime.block_on(sending).map_err(io::Error::other)
    }
}

impl PlayerLink for QuicLink {
    fn send_state(&mut self, datagram: &[u8]) -> io::Result<()> {
        self.raw.send_datagram(datagram)
    }

    fn send_control(&mut self, frame: &[u8]) -> io::Result<()> {
        let length = u16::try_from(frame.len()).map_err(io::Error::other)?;
        self.send_raw(&[&length.to_le_bytes(), frame].concat())
    }

    fn receive(&mut self, limit: Duration) -> Option<Received> {
        match self.incoming.recv_timeout(limit) {
            Ok(received) => Some(received),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Received::Gone),
        }
    }
}

async fn hand_out_datagrams(connection: Connection, sender: Sender<Received>) {
    while let Ok(datagram) = connection.receive_datagram().await {
        if sender
            .send(Received::State(datagram.payload().to_vec()))
            .is_err()
        {
            return;
        }
    }
}

async fn hand_out_frames(mut stream: RecvStream, sender: Sender<Received>) {
    let mut length = [0; 2];
    while stream.read_exact(&mut length).await.is_ok() {
        let mut frame = vec![0; usize::from(u16::from_le_bytes(length))];
        if stream.read_exact(&mut frame).await.is_err()
            || sender.send(Received::Control(frame)).is_err()
        {
            return;
        }
    }
}
