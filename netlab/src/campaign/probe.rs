//! What a path shared with a TCP stream leaves to anybody: a plain UDP stream of small packets beside such a stream, with
//! the game gone, measured as the game is. It is the floor where an ideal sender's can't be computed.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use super::competitor::Competitor;
use super::error::SharedLinkError;
use super::ground::Ground;
use super::interrupt::Interrupt;
use super::session::{NoResult, Setting, settling, without_events};
use crate::clock::unix_ms;
use crate::judge::{Arrival, Sent, figures, longest_own_delay_ms};
use crate::lab::Lab;
use crate::report::{Figures, Series};

/// As often as snapshots.
const EVERY: Duration = Duration::from_millis(50);

/// Payload in bytes: a snapshot of twelve, of some 45 bytes, and what QUIC or DTLS and SCTP add to it.
const PAYLOAD: usize = 100;

/// How long what was sent last may take, the deepest queues included.
const GRACE: Duration = Duration::from_millis(2_500);

/// Measures the floor of a run of this setting.
pub(super) fn floor(
    ground: &Ground,
    setting: &Setting<'_>,
    interrupt: &Interrupt,
) -> Result<(Figures, Series), NoResult> {
    let lab = ground.lab().ok_or(SharedLinkError::NoNamespaces)?;
    ground.set_path(&without_events(setting.paths))?;
    let _competitor = Competitor::start(ground, setting.competing_tcp)?;
    interrupt.wait(settling(setting.paths), || false)?;
    let began_ms = ground.set_path(setting.paths)?;
    let (sent, arrivals) = stream(lab, setting.span, began_ms)?;
    let span_ms = setting.span.as_secs_f64() * 1e3;
    let own_delay_ms = longest_own_delay_ms(&setting.paths.down);
    Ok(figures(&sent, &arrivals, span_ms, own_delay_ms))
}

/// Sends for `span` from the server's host to the players'; times count from `began_ms`.
fn stream(
    lab: &Lab,
    span: Duration,
    began_ms: f64,
) -> Result<(Vec<Sent>, Vec<Arrival>), SharedLinkError> {
    let bind = |address| UdpSocket::bind(SocketAddr::from((address, 0)));
    let sender = lab.run_in_server(|| bind(lab.server_address()))??;
    let receiver = lab.run_in_client(|| bind(lab.client_address()))??;
    sender.connect(receiver.local_addr()?)?;
    receiver.set_read_timeout(Some(GRACE))?;
    let count = (span.as_secs_f64() / EVERY.as_secs_f64()) as u32;
    std::thread::scope(|scope| {
        let arrivals = scope.spawn(|| receive(&receiver, began_ms));
        let mut sent = Vec::new();
        for tick in 0..count {
            let at_ms = unix_ms() - began_ms;
            let mut packet = [0; PAYLOAD];
            packet[..4].copy_from_slice(&tick.to_le_bytes());
            sender.send(&packet)?;
            sent.push(Sent { tick, at_ms });
            std::thread::sleep(EVERY);
        }
        let arrivals = arrivals.join().unwrap_or_default();
        Ok((sent, arrivals))
    })
}

/// What comes in until nothing comes for [`GRACE`].
fn receive(receiver: &UdpSocket, began_ms: f64) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    let mut packet = [0; PAYLOAD];
    while let Ok(PAYLOAD) = receiver.recv(&mut packet) {
        let at_ms = unix_ms() - began_ms;
        if let Some(tick) = packet.first_chunk() {
            let tick = u32::from_le_bytes(*tick);
            arrivals.push(Arrival { tick, at_ms });
        }
    }
    arrivals
}
