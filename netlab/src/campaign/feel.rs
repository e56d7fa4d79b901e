//! What players felt while they were measured, from what they count to what the report says. Pure.

use super::assemble::Observed;
use super::connection::mean;
use crate::game_page::{Picture, Quantiles, Stats};
use crate::report::Feel;

/// One player's share of it; counts are those of the time measured alone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Felt {
    frames: u64,
    extrapolated: u64,
    frozen: u64,
    delay: f64,
    longest_delay: f64,
    picture: Option<Picture>,
    corrections: Quantiles,
    input_frames: Option<f64>,
    input_copies: f64,
    frame_cost: Quantiles,
    bytes_down: u64,
    bytes_up: u64,
    extra_down: u64,
    extra_up: u64,
}

impl Felt {
    /// Of the statistics as the measurement began and as it ended; `None` where they don't tell.
    pub(super) fn between(before: &Stats, after: &Stats) -> Option<Self> {
        let (frames, frames_before) = (after.frames?, before.frames?);
        let (extra, extra_before) = (after.bytes_extra?, before.bytes_extra?);
        let looks = after.looks?;
        let since = |after: u64, before: u64| after.saturating_sub(before);
        Some(Self {
            frames: since(frames.sampled, frames_before.sampled),
            extrapolated: since(frames.extrapolated, frames_before.extrapolated),
            frozen: since(frames.frozen, frames_before.frozen),
            delay: looks.delay,
            longest_delay: looks.longest_delay,
            picture: after.picture,
            corrections: after.corrections?,
            input_frames: after.input_frames,
            input_copies: looks.input_copies,
            frame_cost: after.frame_cost?,
            bytes_down: since(after.bytes_in, before.bytes_in),
            bytes_up: since(after.bytes_out, before.bytes_out),
            extra_down: since(extra.down, extra_before.down),
            extra_up: since(extra.up, extra_before.up),
        })
    }
}

impl Observed {
    /// What all players felt; `None` where one doesn't tell.
    pub(super) fn feel(&self) -> Option<Feel> {
        let felt: Option<Vec<Felt>> = self.players.iter().map(|player| player.felt).collect();
        let felt = felt.filter(|felt| !felt.is_empty())?;
        let sum = |of: fn(&Felt) -> u64| felt.iter().map(of).sum::<u64>() as f64;
        let average = |of: fn(&Felt) -> f64| mean(felt.iter().map(of)).unwrap_or_default();
        let frames = sum(|felt| felt.frames);
        let percent = |part: f64, whole: f64| {
            if whole > 0.0 {
                part * 100.0 / whole
            } else {
                0.0
            }
        };
        let player_seconds = felt.len() as f64 * self.span_ms / 1e3;
        let per_s = |count: f64| {
            if player_seconds > 0.0 {
                count / player_seconds
            } else {
                0.0
            }
        };
        let pictures = |of: fn(Picture) -> f64| {
            let told = felt.iter().filter_map(|felt| felt.picture);
            mean(told.map(of))
        };
        let (down, up) = (sum(|felt| felt.bytes_down), sum(|felt| felt.bytes_up));
        let (extra_down, extra_up) = (sum(|felt| felt.extra_down), sum(|felt| felt.extra_up));
        Some(Feel {
            frames_per_s: per_s(frames),
            extrapolated_percent: percent(sum(|felt| felt.extrapolated), frames),
            frozen_percent: percent(sum(|felt| felt.frozen), frames),
            interpolation_delay: average(|felt| felt.delay),
            longest_interpolation_delay: felt
                .iter()
                .map(|felt| felt.longest_delay)
                .fold(0.0, f64::max),
            picture_px_p50: pictures(|picture| picture.distance.p50),
            picture_px_p95: pictures(|picture| picture.distance.p95),
            speed_jump_p95: pictures(|picture| picture.speed_jump_p95),
            correction_px_p50: average(|felt| felt.corrections.p50),
            correction_px_p95: average(|felt| felt.corrections.p95),
            input_frames: mean(felt.iter().filter_map(|felt| felt.input_frames)),
            input_copies: average(|felt| felt.input_copies),
            frame_cpu_p50: average(|felt| felt.frame_cost.p50),
            frame_cpu_p95: average(|felt| felt.frame_cost.p95),
            bytes_per_s_down: per_s(down),
            bytes_per_s_up: per_s(up),
            extra_percent: percent(extra_down + extra_up, down + up - extra_down - extra_up),
            extra_down_percent: percent(extra_down, down - extra_down),
            extra_up_percent: percent(extra_up, up - extra_up),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::assemble::tests::{observed, path, player};
    use super::super::crowd::PlayerRecord;
    use super::*;

    fn felt(frames: u64, extrapolated: u64, p95: f64) -> PlayerRecord {
        PlayerRecord {
            felt: Some(Felt {
                frames,
                extrapolated,
                corrections: Quantiles { p50: 0.0, p95 },
                bytes_down: 300,
                bytes_up: 100,
                extra_down: 100,
                extra_up: 50,
                ..Felt::default()
            }),
            ..player(|_| Some(40.0))
        }
    }

    #[test]
    fn frames_and_bytes_are_added_up_and_the_rest_is_averaged() {
        let both = observed(vec![felt(120, 1, 1.0), felt(80, 0, 2.0)], path());
        let feel = both.feel().unwrap();
        assert_eq!((feel.frames_per_s, feel.extrapolated_percent), (50.0, 0.5));
        assert_eq!(feel.correction_px_p95, 1.5);
        assert_eq!((feel.bytes_per_s_down, feel.bytes_per_s_up), (150.0, 50.0));
        assert_eq!(
            (feel.extra_down_percent, feel.extra_up_percent),
            (50.0, 100.0)
        );
        assert_eq!(feel.extra_percent, 60.0);
        assert_eq!((feel.input_frames, feel.picture_px_p95), (None, None));
    }

    #[test]
    fn where_one_does_not_tell_nothing_is_told() {
        let silent = observed(vec![felt(120, 1, 1.0), player(|_| None)], path());
        assert_eq!(silent.feel(), None);
        assert_eq!(observed(Vec::new(), path()).feel(), None);
    }
}
