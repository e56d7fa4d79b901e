//! A way to a TCP server that can be cut, as a network that parts: what is connected ends, and nobody comes through.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// The way.
#[derive(Debug)]
pub struct CutWay {
    /// Where it begins.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    is_cut: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
}

impl Shared {
    fn streams(&self) -> MutexGuard<'_, Vec<TcpStream>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries both directions of a connection, on a thread each.
    fn carry(&self, near: &TcpStream, port: u16) -> io::Result<()> {
        let far = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        for (from, to) in [(near, &far), (&far, near)] {
            from.set_nodelay(true)?;
            let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
            self.streams().push(from.try_clone()?);
            thread::spawn(move || {
                // It ends with either end.
                let _ = io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
        Ok(())
    }
}

impl CutWay {
    /// A way to a port of this machine.
    ///
    /// # Errors
    /// When there is no port.
    pub fn to(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let carrier = Arc::clone(&shared);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if !carrier.is_cut.load(Ordering::SeqCst) {
                    // Whoever is behind may be gone.
                    let _ = carrier.carry(&near, port);
                }
            }
        });
        Ok(Self { address, shared })
    }

    /// Cuts it, or mends it.
    pub fn cut(&self, is_cut: bool) {
        self.shared.is_cut.store(is_cut, Ordering::SeqCst);
        if is_cut {
            for stream in self.shared.streams().drain(..) {
                // It may be closed already.
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}
