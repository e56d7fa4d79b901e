//! Well-behaved players who are in the room, or on the same port, while a test misbehaves; at the end they say whether
//! they noticed.

use std::time::Duration;

use client::native::{ConnectError, PlayerOptions};
use netlab::clock::Stopwatch;
use netlab::player::{Observer, Seen};
use netlab::server_process::ServerProcess;
use protocol::rung::Rung;

/// One player over a WebSocket and one over WebTransport, in one room.
pub struct Bystanders {
    observers: Vec<(Rung, Observer)>,
    clock: Stopwatch,
}

impl Bystanders {
    /// Lets both into `room`, and waits for their first snapshots.
    ///
    /// # Errors
    /// When one couldn't join, or open its link, or got no snapshot.
    pub fn enter(server: &ServerProcess, room: &str) -> Result<Self, ConnectError> {
        let observer = |name: &str, rung| {
            let options = PlayerOptions {
                name: name.to_owned(),
                room: Some(room.to_owned()),
                rung,
                sockets: 1,
                ..PlayerOptions::new(format!("http://{}", server.local_address()))
            };
            Observer::enter(&options).map(|observer| (rung, observer))
        };
        Ok(Self {
            observers: vec![
                observer("Sok", Rung::WebSocket)?,
                observer("Quentin", Rung::WebTransport)?,
            ],
            clock: Stopwatch::start(),
        })
    }

    /// Lets them leave, and gives the longest time that either was without a snapshot.
    ///
    /// # Errors
    /// In words, when one was sent away or hadn't its snapshots.
    pub fn longest_gap(self) -> Result<Duration, String> {
        let seconds = self.clock.elapsed().as_secs_f64();
        let gaps = self.observers.into_iter().map(|(rung, observer)| {
            let seen = observer.stop();
            judge(&seen, seconds, Duration::MAX).map_err(|fault| format!("by {rung}: {fault}"))?;
            Ok(Duration::from_secs_f64(seen.longest_gap_ms() / 1_000.0))
        });
        gaps.collect::<Result<Vec<_>, _>>()
            .map(|gaps| gaps.into_iter().max().unwrap_or_default())
    }

    /// Lets them leave, and checks what they saw.
    ///
    /// # Errors
    /// In words, when one was sent fewer than 18 snapshots a second of 30, waited for over `longest_gap`, or was sent away.
    pub fn were_undisturbed(self, longest_gap: Duration) -> Result<(), String> {
        // Long enough that one snapshot more or less is no matter.
        const AT_LEAST: Duration = Duration::from_secs(2);
        std::thread::sleep(AT_LEAST.saturating_sub(self.clock.elapsed()));
        let seconds = self.clock.elapsed().as_secs_f64();
        self.observers.into_iter().try_for_each(|(rung, observer)| {
            let seen = observer.stop();
            judge(&seen, seconds, longest_gap).map_err(|fault| format!("by {rung}: {fault}"))
        })
    }
}

fn judge(seen: &Seen, seconds: f64, longest_gap: Duration) -> Result<(), String> {
    let rate = seen.snapshots.len() as f64 / seconds;
    let gap = seen.longest_gap_ms();
    if let Some(reason) = seen.goodbye {
        return Err(format!("the server said goodbye: {reason:?}"));
    }
    // A machine that stands still for a moment makes datagrams late: then a stream gets twenty, and for a moment less.
    if rate < 18.0 {
        return Err(format!("{rate:.1} snapshots a second over {seconds:.1} s"));
    }
    if gap > longest_gap.as_secs_f64() * 1_000.0 {
        return Err(format!("no snapshot for {gap:.0} ms"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use protocol::control::CloseReason;

    use super::*;
    use netlab::player::SeenSnapshot;

    fn seen(times_ms: impl Iterator<Item = u32>) -> Seen {
        let snapshot = |at_ms| SeenSnapshot {
            sequence: 0,
            tick: 0,
            at_ms: f64::from(at_ms),
        };
        Seen {
            snapshots: times_ms.map(snapshot).collect(),
            goodbye: None,
        }
    }

    #[test]
    fn a_disturbance_of_any_kind_is_told() {
        let gap = Duration::from_millis(400);
        let fine = seen((0..40).map(|n| n * 50));
        assert_eq!(judge(&fine, 2.0, gap), Ok(()));
        let slow = seen((0..30).map(|n| n * 66));
        assert!(
            judge(&slow, 2.0, gap)
                .unwrap_err()
                .contains("15.0 snapshots")
        );
        let gappy = seen((0..20).map(|n| n * 25).chain((20..40).map(|n| n * 50)));
        assert!(judge(&gappy, 2.0, gap).unwrap_err().contains("for 525 ms"));
        let sent_away = Seen {
            goodbye: Some(CloseReason::RoomFailed),
            ..fine
        };
        assert!(
            judge(&sent_away, 2.0, gap)
                .unwrap_err()
                .contains("RoomFailed")
        );
    }
}
