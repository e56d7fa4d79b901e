//! How a session's network held, summed up at the end of each game and of the session: a line of JSON in the log for
//! people and scripts, and histograms for dashboards. It measures nothing itself, and knows nothing of the game.

use std::time::Duration;

use metrics::histogram;
use protocol::ids::SessionId;
use protocol::seat::Seat;
use serde::Serialize;
use tracing::info;

use super::inputs::Missed;
use crate::path::Tally;
use protocol::rung::Rung;

/// What is counted from one report card to the next.
#[derive(Clone, Debug)]
pub(super) struct ReportCard {
    since: Duration,
    /// Totals of the session when this card began.
    base: Tally,
    pub(super) snapshots: u64,
    /// Of these, those sent between two because the path was rough.
    pub(super) extra: u64,
    pub(super) snapshot_bytes: u64,
    pub(super) inputs: Missed,
    /// Links that came up, by rung.
    links: [u32; Rung::ALL.len()],
}

/// Why a card is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Closing {
    GameOver,
    SessionOver,
}

/// Its JSON. Times in milliseconds unless named otherwise, shares in percent.
#[derive(Serialize)]
struct Line {
    report_card: Closing,
    session: String,
    seat: u8,
    seconds: f64,
    snapshots: u64,
    extra_snapshots: u64,
    snapshot_bytes: u64,
    lost_percent: f64,
    holes: u64,
    round_trip: Option<f64>,
    round_trip_variation: f64,
    late_inputs: u64,
    early_inputs: u64,
    missed_inputs: u64,
    webtransport_links: u32,
    webrtc_links: u32,
    websocket_links: u32,
}

impl ReportCard {
    pub(super) fn new(now: Duration) -> Self {
        Self {
            since: now,
            base: Tally::default(),
            snapshots: 0,
            extra: 0,
            snapshot_bytes: 0,
            inputs: Missed::default(),
            links: [0; Rung::ALL.len()],
        }
    }

    pub(super) fn on_link(&mut self, rung: Rung) {
        if let Some(place) = Rung::ALL.iter().position(|each| *each == rung) {
            self.links[place] += 1;
        }
    }

    /// Writes the card and begins the next.
    pub(super) fn close(
        &mut self,
        now: Duration,
        closing: Closing,
        whose: (SessionId, Seat),
        tally: Tally,
    ) {
        let line = self.line(now, closing, whose, tally);
        // A struct of numbers and plain words always has a JSON form.
        let json = serde_json::to_string(&line).unwrap_or_default();
        info!(target: "report_card", "{json}");
        if line.seconds > 0.0
            && let Some(round_trip) = line.round_trip
        {
            histogram!("game_server_report_lost_ratio").record(line.lost_percent / 100.0);
            histogram!("game_server_report_holes_per_minute")
                .record(line.holes as f64 * 60.0 / line.seconds);
            histogram!("game_server_report_round_trip_seconds").record(round_trip / 1e3);
        }
        *self = Self {
            base: tally,
            ..Self::new(now)
        };
    }

    fn line(
        &self,
        now: Duration,
        closing: Closing,
        (session, seat): (SessionId, Seat),
        tally: Tally,
    ) -> Line {
        let lost = tally.lost.saturating_sub(self.base.lost);
        let settled = lost + tally.acked.saturating_sub(self.base.acked);
        let [webtransport_links, webrtc_links, websocket_links] = self.links;
        Line {
            report_card: closing,
            session: session.to_string(),
            seat: seat.0,
            seconds: rounded(now.saturating_sub(self.since).as_secs_f64(), 10.0),
            snapshots: self.snapshots,
            extra_snapshots: self.extra,
            snapshot_bytes: self.snapshot_bytes,
            lost_percent: rounded(lost as f64 * 100.0 / settled.max(1) as f64, 100.0),
            holes: tally.holes.saturating_sub(self.base.holes),
            round_trip: tally.round_trip.map(milliseconds),
            round_trip_variation: milliseconds(tally.round_trip_variation),
            late_inputs: self.inputs.late,
            early_inputs: self.inputs.early,
            missed_inputs: self.inputs.missed,
            webtransport_links,
            webrtc_links,
            websocket_links,
        }
    }
}

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e3, 10.0)
}

fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_tells_of_its_own_game_only() {
        let whose = (SessionId(7), Seat(3));
        let tally = |acked, lost, holes| Tally {
            acked,
            lost,
            holes,
            round_trip: Some(Duration::from_micros(82_340)),
            round_trip_variation: Duration::from_millis(4),
        };
        let mut card = ReportCard::new(Duration::from_secs(10));
        card.on_link(Rung::WebRtc);
        card.snapshots = 3_000;
        let first = card.line(
            Duration::from_secs(160),
            Closing::GameOver,
            whose,
            tally(2_900, 100, 4),
        );
        assert_eq!(
            (first.seconds, first.lost_percent, first.holes),
            (150.0, 3.33, 4)
        );
        assert_eq!((first.round_trip, first.webrtc_links), (Some(82.3), 1));

        card.close(
            Duration::from_secs(160),
            Closing::GameOver,
            whose,
            tally(2_900, 100, 4),
        );
        let second = card.line(
            Duration::from_secs(170),
            Closing::SessionOver,
            whose,
            tally(3_100, 100, 4),
        );
        assert_eq!(
            (second.seconds, second.lost_percent, second.holes),
            (10.0, 0.0, 0)
        );
        assert_eq!((second.snapshots, second.webrtc_links), (0, 0));
        let json = serde_json::to_value(&second).unwrap();
        assert_eq!(json["report_card"], "session-over");
    }
}
