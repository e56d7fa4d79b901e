//! What is in force at one moment, and how a step of the schedule changes it.

use super::{Bandwidth, Jitter, Loss, PathConfig, ScheduleStep};

/// The settings that a schedule can change.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Conditions {
    pub(super) delay_ms: f64,
    pub(super) jitter: Jitter,
    pub(super) loss: Loss,
    pub(super) duplicate_percent: f64,
    pub(super) corrupt_percent: f64,
    pub(super) bandwidth: Bandwidth,
    pub(super) udp_blackhole: bool,
}

impl Conditions {
    /// What `config` starts with.
    pub(super) fn of(config: &PathConfig) -> Self {
        Self {
            delay_ms: config.delay_ms,
            jitter: config.jitter,
            loss: config.loss,
            duplicate_percent: config.duplicate_percent,
            corrupt_percent: config.corrupt_percent,
            bandwidth: config.bandwidth,
            udp_blackhole: config.udp_blackhole,
        }
    }

    /// The same after `step`.
    pub(super) fn stepped(&self, step: &ScheduleStep) -> Self {
        Self {
            delay_ms: step.delay_ms.unwrap_or(self.delay_ms),
            jitter: step.jitter.unwrap_or(self.jitter),
            loss: step.loss.unwrap_or(self.loss),
            duplicate_percent: step.duplicate_percent.unwrap_or(self.duplicate_percent),
            corrupt_percent: step.corrupt_percent.unwrap_or(self.corrupt_percent),
            bandwidth: step.bandwidth.unwrap_or(self.bandwidth),
            udp_blackhole: step.udp_blackhole.unwrap_or(self.udp_blackhole),
        }
    }
}
