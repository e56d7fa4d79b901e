//! Both directions of one link, as whoever sets one up says it; decides no packet's fate.

use std::sync::Arc;

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
        let (up_seed, down_seed) = (self.seed, !self.seed);
        let down_weather = if self.shared_fades {
            up_seed
        } else {
            down_seed
        };
        let up = Link::new(self.up.clone(), up_seed);
        let down = Link::with_weather(self.down.clone(), down_seed, down_weather);
        Ok((
            up.map_err(LinkPairError::of("up"))?,
            down.map_err(LinkPairError::of("down"))?,
        ))
    }
}

impl LinkPairError {
    pub(crate) fn of(direction: &'static str) -> impl FnOnce(LinkConfigError) -> Self {
        move |source| Self { direction, source }
    }
}
