//! Plain UDP: everything that a tick sends in one call, and what has come in another.

use std::collections::HashSet;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use netlab::clock::Stopwatch;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, sendmmsg};
use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSockRef, UdpSocketState};

use super::{INPUT, INPUT_PERIOD, SNAPSHOT, SNAPSHOT_PERIOD, Seen, offset};

/// Bytes of a read.
const READ: usize = 65_536;

/// Sends to whoever has sent something.
///
/// # Errors
/// When the socket can't be used.
pub fn serve(address: SocketAddr, on_listening: impl FnOnce()) -> anyhow::Result<()> {
    let socket = UdpSocket::bind(address)?;
    let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
    let wish = UdpSockRef::from(&socket);
    state.set_recv_buffer_size(wish, 2 << 20)?;
    on_listening();
    let mut known = HashSet::new();
    let mut players: Vec<Option<SockaddrIn>> = Vec::new();
    let mut buffers = vec![vec![0; READ]; BATCH_SIZE];
    let (clock, mut due) = (Stopwatch::start(), SNAPSHOT_PERIOD);
    loop {
        while let Some(left) = clock.remaining(due) {
            wait(&socket, left)?;
            for from in receive(&socket, &state, &mut buffers)? {
                if let SocketAddr::V4(v4) = from
                    && known.insert(v4)
                {
                    players.push(Some(v4.into()));
                }
            }
        }
        due += SNAPSHOT_PERIOD;
        let messages = vec![[IoSlice::new(&SNAPSHOT)]; players.len()];
        let mut headers = MultiHeaders::preallocate(players.len(), None);
        let mut sent = 0;
        while sent < players.len() {
            let (messages, players) = (&messages[sent..], &players[sent..]);
            let flags = MsgFlags::empty();
            let call = sendmmsg(
                socket.as_raw_fd(),
                &mut headers,
                messages,
                players,
                [],
                flags,
            )?;
            sent += call.count().max(1);
        }
    }
}

fn wait(socket: &UdpSocket, left: Duration) -> anyhow::Result<()> {
    let millis = u16::try_from(left.as_millis()).unwrap_or(u16::MAX);
    let mut wanted = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
    poll(&mut wanted, PollTimeout::from(millis.max(1)))?;
    Ok(())
}

/// Who has sent what has come.
fn receive(
    socket: &UdpSocket,
    state: &UdpSocketState,
    buffers: &mut [Vec<u8>],
) -> anyhow::Result<Vec<SocketAddr>> {
    let mut metas = [RecvMeta::default(); BATCH_SIZE];
    let mut slices: Vec<IoSliceMut<'_>> = buffers.iter_mut().map(|b| IoSliceMut::new(b)).collect();
    match state.recv(UdpSockRef::from(socket), &mut slices, &mut metas) {
        Ok(count) => Ok(metas[..count].iter().map(|meta| meta.addr).collect()),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Players, each with a socket, in a thread.
///
/// # Errors
/// When there are no sockets for them.
pub fn play(server: SocketAddr, players: usize) -> anyhow::Result<Seen> {
    let seen = Seen::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let connect = || -> std::io::Result<UdpSocket> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(server)?;
        socket.set_nonblocking(true)?;
        socket.send(&INPUT)?;
        Ok(socket)
    };
    let sockets: Vec<UdpSocket> = (0..players).map(|_| connect()).collect::<Result<_, _>>()?;
    let counted = seen.clone();
    std::thread::spawn(move || {
        runtime.block_on(async {
            for (index, socket) in sockets.into_iter().enumerate() {
                tokio::spawn(one(socket, offset(index, players), counted.clone()));
            }
            std::future::pending::<()>().await;
        });
    });
    Ok(seen)
}

async fn one(socket: UdpSocket, begin: Duration, seen: Seen) -> std::io::Result<()> {
    let socket = tokio::net::UdpSocket::from_std(socket)?;
    tokio::time::sleep(begin).await;
    let mut inputs = tokio::time::interval(INPUT_PERIOD);
    let mut bytes = [0; 512];
    loop {
        tokio::select! {
            _ = inputs.tick() => {
                socket.send(&INPUT).await?;
            }
            received = socket.recv(&mut bytes) => {
                if received? == SNAPSHOT.len() {
                    seen.one_more();
                }
            }
        }
    }
}
