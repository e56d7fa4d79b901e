//! A TCP stream that shares the path with the game and takes all it can get of it, as a download does.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use super::error::SharedLinkError;
use super::ground::Ground;
use crate::lab::Lab;
use crate::profile::CompetingTcp;

/// How long the connection may take to come about on a path that is full already.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes written at once.
const CHUNK: usize = 16 * 1024;

/// A stream in full flow; it ends when dropped.
#[derive(Debug)]
pub(super) struct Competitor {
    sender: TcpStream,
    receiver: TcpStream,
    threads: Vec<JoinHandle<()>>,
}

impl Competitor {
    /// Starts what a profile asks for, if it does.
    pub(super) fn start(
        ground: &Ground,
        wanted: Option<CompetingTcp>,
    ) -> Result<Option<Self>, SharedLinkError> {
        match wanted {
            None => Ok(None),
            Some(CompetingTcp::Down) => {
                let lab = ground.lab().ok_or(SharedLinkError::NoNamespaces)?;
                Self::download(lab).map(Some)
            }
        }
    }

    fn download(lab: &Lab) -> Result<Self, SharedLinkError> {
        let address = SocketAddr::from((lab.server_address(), 0));
        let listener = lab.run_in_server(|| TcpListener::bind(address))??;
        let address = listener.local_addr()?;
        let receiver = lab.run_in_client(|| TcpStream::connect_timeout(&address, PATIENCE))??;
        let (sender, _) = listener.accept()?;
        let (mut from, mut to) = (receiver.try_clone()?, sender.try_clone()?);
        let threads = vec![
            std::thread::spawn(move || {
                let mut buffer = [0; CHUNK];
                while from.read(&mut buffer).is_ok_and(|count| count > 0) {}
            }),
            std::thread::spawn(move || while to.write_all(&[0; CHUNK]).is_ok() {}),
        ];
        Ok(Self {
            sender,
            receiver,
            threads,
        })
    }
}

impl Drop for Competitor {
    fn drop(&mut self) {
        // One that is broken already needs no ending.
        let _ = self.sender.shutdown(Shutdown::Both);
        let _ = self.receiver.shutdown(Shutdown::Both);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
