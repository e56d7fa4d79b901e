//! Both directions of one link, as whoever sets one up says it; decides no packet's fate.

use std::sync::Arc;
use std::time::Duration;

use super::{Link, LinkConfig, LinkConfigError};
use crate::trace::Trace;

/// Both directions of a link, and their luck.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LinkPair {
    /// From the client to the server.
    pub up: LinkConfig,
    /// From the server to the client.
    pub down: LinkConfig,
    /// All luck comes from it; each direction has its own.
    pub seed: u64,
    /// Whether both directions fade at the same moments, as with a radio, while their [`super::Loss::Fades`] are set
    /// alike. Default no.
    pub shared_fades: bool,
}

/// A direction's figure is out of range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the link {direction}: {source}")]
pub struct LinkPairError {
    /// `up` (client to server) or `down`.
    pub direction: &'static str,
    /// Which figure, and what it may be.
    pub source: LinkConfigError,
}

impl LinkPair {
    /// The same with `trace` on top: see [`LinkConfig::trace`].
    #[must_use]
    pub fn replaying(mut self, trace: &Trace) -> Self {
        self.up.trace = Some(Arc::clone(&trace.up));
        self.down.trace = Some(Arc::clone(&trace.down));
        self
    }

    /// The links `up` and `down`, whose time starts at zero.
    ///
    /// # Errors
    /// When a figure is out of range.
    pub fn links(&self) -> Result<(Link, Link), LinkPairError> {
        let (up, down) = (self.up_seeds(), self.down_seeds());
        let up = Link::with_weather(self.up.clone(), up.luck, up.weather);
        let down = Link::with_weather(self.down.clone(), down.luck, down.weather);
        Ok((
            up.map_err(LinkPairError::of("up"))?,
            down.map_err(LinkPairError::of("down"))?,
        ))
    }

    /// Puts it in force at `now` in both directions of a running link, with all luck from its own seed; or in neither.
    pub(crate) fn put_in_force(
        &self,
        now: Duration,
        up: &mut Link,
        down: &mut Link,
    ) -> Result<(), LinkPairError> {
        self.up.validate().map_err(LinkPairError::of("up"))?;
        self.down.validate().map_err(LinkPairError::of("down"))?;
        let (up_seeds, down_seeds) = (self.up_seeds(), self.down_seeds());
        up.reseed(up_seeds.luck, up_seeds.weather);
        down.reseed(down_seeds.luck, down_seeds.weather);
        reconfigure_both(now, (up, self.up.clone()), (down, self.down.clone()))
    }

    fn up_seeds(&self) -> Seeds {
        Seeds {
            luck: self.seed,
            weather: self.seed,
        }
    }

    fn down_seeds(&self) -> Seeds {
        Seeds {
            luck: !self.seed,
            weather: if self.shared_fades {
                self.seed
            } else {
                !self.seed
            },
        }
    }
}

/// Where one direction's luck is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seeds {
    luck: u64,
    /// Of the fades.
    weather: u64,
}

impl LinkPairError {
    pub(crate) fn of(direction: &'static str) -> impl FnOnce(LinkConfigError) -> Self {
        move |source| Self { direction, source }
    }
}

/// Puts new configurations in force in both directions at `now`, or in neither.
pub(crate) fn reconfigure_both(
    now: Duration,
    (up, up_config): (&mut Link, LinkConfig),
    (down, down_config): (&mut Link, LinkConfig),
) -> Result<(), LinkPairError> {
    up_config.validate().map_err(LinkPairError::of("up"))?;
    let set = down.reconfigure(now, down_config);
    set.map_err(LinkPairError::of("down"))?;
    let set = up.reconfigure(now, up_config);
    set.map_err(LinkPairError::of("up"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::link::{Loss, Packet};

    #[test]
    fn a_link_that_is_given_another_seed_is_as_one_made_with_it() {
        let config = LinkConfig {
            loss: Loss::Fades {
                mean_ms: 60.0,
                faded_percent: 30.0,
            },
            ..LinkConfig::default()
        };
        let pair = LinkPair {
            up: config.clone(),
            down: config.clone(),
            seed: 7,
            shared_fades: true,
        };
        let lost = |link: &mut Link, from: u64| -> Vec<bool> {
            let packet = Packet {
                bytes: 100,
                is_udp: true,
            };
            let mut fate = |at| link.send(Duration::from_millis(from + at), packet);
            (0..2_000)
                .map(|at| fate(at).departures().next().is_none())
                .collect()
        };
        let mut up = Link::new(config.clone(), 1).unwrap();
        let mut down = Link::new(config, 1).unwrap();
        let before = lost(&mut down, 0);
        pair.put_in_force(Duration::from_secs(5), &mut up, &mut down)
            .unwrap();
        let after = lost(&mut down, 5_000);
        assert_ne!(after, before);
        assert_eq!(after, lost(&mut pair.links().unwrap().1, 0));
    }
}
