//! What one player saw, held against what the room wrote, as it happens. It changes nothing.

use std::time::Duration;

use client::session::{Event, SocketId};
use protocol::control::{CloseReason, LinkId};
use protocol::datagram::{split, split_snapshot};
use protocol::tick::Tick;

use super::guest::Client;
use super::pipe::Checksum;
use super::record::PlayerRecord;
use super::scenario::{GuestPlan, Move};
use super::send_queue::SocketMessage;

/// Faults kept; the rest follow from the first.
const MOST_FAULTS: usize = 4;

/// What is known of one player's session.
#[derive(Debug, Default)]
pub struct Witness {
    /// What was wrong.
    pub faults: Vec<String>,
    /// When something newer than all before came in.
    pub news: Vec<Duration>,
    /// The ticks that these show.
    pub news_ticks: Vec<Tick>,
    /// Snapshots whose view was compared.
    pub compared: u64,
    /// Events in the order in which they were told.
    pub events: Vec<(Tick, Vec<u8>)>,
    /// Welcomes.
    pub welcomes: u32,
    /// When the server last got something on an attached link.
    pub(super) server_heard_at: Duration,
    /// Why and when the player's side was told that the session is over.
    pub closed: Option<(Duration, CloseReason)>,
    /// Links that the server closed, and why.
    pub links_closed: Vec<(LinkId, CloseReason)>,
    /// When the server's side ended the session.
    pub ended: Option<Duration>,
    newest_arrived: Option<Tick>,
    is_checked: bool,
    may_leave: bool,
}

impl Witness {
    pub(super) fn new(plan: &GuestPlan) -> Self {
        Self {
            is_checked: plan.checksum == Checksum::Checked,
            may_leave: plan.moves.iter().any(|(_, step)| *step == Move::Leave),
            ..Self::default()
        }
    }

    /// A message has come down one of the player's sockets and told the client something.
    pub(super) fn note(
        &mut self,
        now: Duration,
        client: &Client,
        socket: SocketId,
        message: &SocketMessage,
        events: &[Event],
        record: Option<&PlayerRecord>,
    ) {
        for event in events {
            match event {
                Event::Welcome(_) => self.welcomes += 1,
                Event::Snapshot {
                    tick, is_newest, ..
                } => {
                    if *is_newest {
                        self.news.push(now);
                        self.news_ticks.push(*tick);
                    }
                    self.compare(client, *tick, record);
                }
                Event::Game { tick, bytes } => self.events.push((*tick, bytes.clone())),
                Event::LinkClosed(link, reason) => self.links_closed.push((*link, *reason)),
                Event::SessionClosed(reason) => self.closed = Some((now, *reason)),
                Event::Attached(_)
                | Event::Repeat { .. }
                | Event::LinkLost(_)
                | Event::Token(_)
                | Event::Draining(_) => {}
            }
        }
        if let SocketMessage::State(datagram) = message
            && self.is_checked
            && client.contains(socket)
        {
            self.newest_arrived = self.newest_arrived.max(tick_of(datagram));
            if client.newest() != self.newest_arrived {
                let (holds, came) = (client.newest(), self.newest_arrived);
                self.fault(format!("at {now:?}: holds {holds:?}, though {came:?} came"));
            }
        }
    }

    /// The session is over at the server's end.
    pub(super) fn session_ended(&mut self, now: Duration, seat_timeout: Duration) {
        if self.ended.is_some() {
            return;
        }
        self.ended = Some(now);
        let silence = now.saturating_sub(self.server_heard_at);
        if !self.may_leave && silence <= seat_timeout {
            self.fault(format!(
                "at {now:?}: session ended after {silence:?} of silence"
            ));
        }
    }

    pub(super) fn fault(&mut self, fault: impl Into<String>) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault.into());
        }
    }

    fn compare(&mut self, client: &Client, tick: Tick, record: Option<&PlayerRecord>) {
        self.compared += 1;
        let written = record.and_then(|record| record.views.get(&tick));
        let held = client.view(tick).map(|baseline| baseline.view());
        if self.is_checked && (held.is_none() || held != written) {
            self.fault(format!(
                "tick {}: holds {held:?}, the room wrote {written:?}",
                tick.0
            ));
        }
    }
}

fn tick_of(datagram: &[u8]) -> Option<Tick> {
    let (_, body) = split(datagram).ok()?;
    Some(split_snapshot(body).ok()?.0.tick)
}
