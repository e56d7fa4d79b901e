//! Both directions of one path, as whoever sets one up says it; decides no packet's fate.

use std::sync::Arc;
use std::time::Duration;

use super::{PathConfig, PathConfigError, PathModel};
use crate::trace::Trace;

/// Both directions of a path, and their seed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PathPair {
    /// From the client to the server.
    pub up: PathConfig,
    /// From the server to the client.
    pub down: PathConfig,
    /// All random draws come from it; each direction has its own.
    pub seed: u64,
    /// Whether both directions fade at the same moments, as with a radio, while their [`super::Loss::Fades`] are set
    /// alike. Default no.
    pub shared_fades: bool,
}

/// A direction's figure is out of range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the path {direction}: {source}")]
pub struct PathPairError {
    /// `up` (client to server) or `down`.
    pub direction: &'static str,
    /// Which figure, and what it may be.
    pub source: PathConfigError,
}

impl PathPair {
    /// The same with `trace` on top: see [`PathConfig::trace`].
    #[must_use]
    pub fn replaying(mut self, trace: &Trace) -> Self {
        self.up.trace = Some(Arc::clone(&trace.up));
        self.down.trace = Some(Arc::clone(&trace.down));
        self
    }

    /// The paths `up` and `down`, whose time starts at zero.
    ///
    /// # Errors
    /// When a figure is out of range.
    pub fn paths(&self) -> Result<(PathModel, PathModel), PathPairError> {
        let (up, down) = (self.up_seeds(), self.down_seeds());
        let up = PathModel::with_fade_seed(self.up.clone(), up.packets, up.fades);
        let down = PathModel::with_fade_seed(self.down.clone(), down.packets, down.fades);
        Ok((
            up.map_err(PathPairError::of("up"))?,
            down.map_err(PathPairError::of("down"))?,
        ))
    }

    /// Puts it in force at `now` in both directions of a running path, with all random draws from its own seed; or in
    /// neither.
    pub(crate) fn put_in_force(
        &self,
        now: Duration,
        up: &mut PathModel,
        down: &mut PathModel,
    ) -> Result<(), PathPairError> {
        self.up.validate().map_err(PathPairError::of("up"))?;
        self.down.validate().map_err(PathPairError::of("down"))?;
        let (up_seeds, down_seeds) = (self.up_seeds(), self.down_seeds());
        up.reseed(up_seeds.packets, up_seeds.fades);
        down.reseed(down_seeds.packets, down_seeds.fades);
        reconfigure_both(now, (up, self.up.clone()), (down, self.down.clone()))
    }

    fn up_seeds(&self) -> Seeds {
        Seeds {
            packets: self.seed,
            fades: self.seed,
        }
    }

    fn down_seeds(&self) -> Seeds {
        Seeds {
            packets: !self.seed,
            fades: if self.shared_fades {
                self.seed
            } else {
                !self.seed
            },
        }
    }
}

/// The seeds of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seeds {
    packets: u64,
    /// Of the fades.
    fades: u64,
}

impl PathPairError {
    pub(crate) fn of(direction: &'static str) -> impl FnOnce(PathConfigError) -> Self {
        move |source| Self { direction, source }
    }
}

/// Puts new configurations in force in both directions at `now`, or in neither.
pub(crate) fn reconfigure_both(
    now: Duration,
    (up, up_config): (&mut PathModel, PathConfig),
    (down, down_config): (&mut PathModel, PathConfig),
) -> Result<(), PathPairError> {
    up_config.validate().map_err(PathPairError::of("up"))?;
    let set = down.reconfigure(now, down_config);
    set.map_err(PathPairError::of("down"))?;
    let set = up.reconfigure(now, up_config);
    set.map_err(PathPairError::of("up"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::path::{Loss, Packet};

    #[test]
    fn a_link_that_is_given_another_seed_is_as_one_made_with_it() {
        let config = PathConfig {
            loss: Loss::Fades {
                mean_ms: 60.0,
                faded_percent: 30.0,
            },
            ..PathConfig::default()
        };
        let pair = PathPair {
            up: config.clone(),
            down: config.clone(),
            seed: 7,
            shared_fades: true,
        };
        let lost = |path: &mut PathModel, from: u64| -> Vec<bool> {
            let packet = Packet {
                bytes: 100,
                is_udp: true,
            };
            let mut fate = |at| path.send(Duration::from_millis(from + at), packet);
            (0..2_000)
                .map(|at| fate(at).departures().next().is_none())
                .collect()
        };
        let mut up = PathModel::new(config.clone(), 1).unwrap();
        let mut down = PathModel::new(config, 1).unwrap();
        let before = lost(&mut down, 0);
        pair.put_in_force(Duration::from_secs(5), &mut up, &mut down)
            .unwrap();
        let after = lost(&mut down, 5_000);
        assert_ne!(after, before);
        assert_eq!(after, lost(&mut pair.paths().unwrap().1, 0));
    }
}
