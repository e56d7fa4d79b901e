//! The loss models: whether a packet is lost on the way. Not the queue, the handover gaps or the blackhole.

use std::time::Duration;

use super::random::Random;
use super::{DropCause, Loss, milliseconds};

/// The running state of one [`Loss`] model.
#[derive(Debug)]
pub(super) enum LossModel {
    Clear,
    Uniform {
        percent: f64,
    },
    /// Gilbert–Elliott by packet: the state changes after each packet, and the bad one loses all.
    Bursts {
        bad: bool,
        leave_good: f64,
        leave_bad: f64,
    },
    /// Gilbert–Elliott in continuous time: exponential sojourns, and nothing passes during a fade.
    Fades {
        faded: bool,
        until: Duration,
        random: Random,
        mean_fade_ms: f64,
        mean_clear_ms: f64,
    },
}

impl LossModel {
    /// The model as it stands at `at`, in its long-run distribution.
    pub(super) fn new(loss: &Loss, at: Duration, mut random: Random) -> Self {
        match *loss {
            Loss::None => LossModel::Clear,
            Loss::Uniform { percent } => LossModel::Uniform { percent },
            Loss::Bursts {
                good_packets,
                bad_packets,
            } => LossModel::Bursts {
                bad: random.unit() < bad_packets / (good_packets + bad_packets),
                leave_good: 1.0 / good_packets,
                leave_bad: 1.0 / bad_packets,
            },
            Loss::Fades {
                faded_percent: 0.0, ..
            } => LossModel::Clear,
            Loss::Fades {
                mean_ms,
                faded_percent,
            } => {
                let mean_clear_ms = mean_ms * (100.0 - faded_percent) / faded_percent;
                let faded = random.unit() * 100.0 < faded_percent;
                // An exponential sojourn has no memory, so its rest is as long as a whole one.
                let rest = random.exponential(if faded { mean_ms } else { mean_clear_ms });
                LossModel::Fades {
                    faded,
                    until: at + milliseconds(rest),
                    random,
                    mean_fade_ms: mean_ms,
                    mean_clear_ms,
                }
            }
        }
    }

    /// Whether a packet on the way at `at` is lost, and to what. `draw` is even in `0..1`; `at` never decreases.
    pub(super) fn takes(&mut self, at: Duration, draw: f64) -> Option<DropCause> {
        match self {
            LossModel::Clear => None,
            LossModel::Uniform { percent } => (draw * 100.0 < *percent).then_some(DropCause::Loss),
            LossModel::Bursts {
                bad,
                leave_good,
                leave_bad,
            } => {
                let lost = *bad;
                if draw < if lost { *leave_bad } else { *leave_good } {
                    *bad = !lost;
                }
                lost.then_some(DropCause::Loss)
            }
            LossModel::Fades {
                faded,
                until,
                random,
                mean_fade_ms,
                mean_clear_ms,
            } => {
                while *until <= at {
                    *faded = !*faded;
                    *until += milliseconds(random.exponential(if *faded {
                        *mean_fade_ms
                    } else {
                        *mean_clear_ms
                    }));
                }
                faded.then_some(DropCause::Fade)
            }
        }
    }
}
