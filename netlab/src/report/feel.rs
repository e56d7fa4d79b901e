//! What the players of a run felt, as the client itself counts it: frames, corrections, inputs, its share of the main
//! thread, and what redundancy costs. It only holds.

use serde::{Deserialize, Serialize};

/// Over all players: frames and bytes are added up, everything else is the mean of the players' own figures.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Feel {
    /// Frames that a player had sampled in a second.
    pub frames_per_s: f64,
    /// Frames that showed others beyond the newest snapshot, in percent; those that stood still are among them.
    pub extrapolated_percent: f64,
    /// Frames that stood still, in percent.
    pub frozen_percent: f64,
    /// How far in the past others were shown, behind the newest snapshot that there could be, in milliseconds.
    pub interpolation_delay: f64,
    /// The longest that it was for anyone.
    pub longest_interpolation_delay: f64,
    /// Half of the times another's circle was drawn no farther from where the server had it at that moment, in pixels;
    /// nothing where nobody watched.
    #[serde(default)]
    pub picture_px_p50: Option<f64>,
    /// The same 95 of 100 times.
    #[serde(default)]
    pub picture_px_p95: Option<f64>,
    /// How much the speed of another's circle changed from one frame to the next at most, 95 of 100 times, in pixels a
    /// second.
    #[serde(default)]
    pub speed_jump_p95: Option<f64>,
    /// Half of the snapshots put the own circle right by no more, in pixels.
    pub correction_px_p50: f64,
    /// The same of 95 in 100.
    pub correction_px_p95: f64,
    /// Frames that 95 of 100 inputs took at most until the own circle moved by it: 1 is the very next one.
    pub input_frames: Option<f64>,
    /// Datagrams that carried each input.
    pub input_copies: f64,
    /// What the client took of the main thread in a frame, in milliseconds.
    pub frame_cpu_p50: f64,
    /// The same of 95 frames in 100.
    pub frame_cpu_p95: f64,
    /// Payload that a player received in a second.
    pub bytes_per_s_down: f64,
    /// The same sent.
    pub bytes_per_s_up: f64,
    /// Payload of both directions on account of losses (snapshots in between, copies of inputs and what carries them,
    /// a second link), in percent of the rest.
    pub extra_percent: f64,
    /// The same of what came.
    pub extra_down_percent: f64,
    /// The same of what was sent.
    pub extra_up_percent: f64,
}
