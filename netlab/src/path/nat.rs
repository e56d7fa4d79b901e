//! When a NAT forgets its mappings; knows no addresses and translates nothing.

use std::time::Duration;

use super::{NatRebinding, seconds};

/// How often a NAT has forgotten its mappings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NatEpochs {
    /// For UDP.
    pub udp: u32,
    /// For TCP.
    pub tcp: u32,
}

/// The rebindings of one configuration that have come to pass, and the epochs over all configurations.
#[derive(Debug, Default)]
pub(super) struct Rebindings {
    pub(super) epochs: NatEpochs,
    taken: usize,
}

impl Rebindings {
    /// Takes those that are due at `now`, counted from the configuration's start.
    pub(super) fn advance(&mut self, rebindings: &[NatRebinding], now: Duration) {
        while let Some(rebinding) = rebindings.get(self.taken)
            && seconds(rebinding.at_s) <= now
        {
            self.taken += 1;
            self.epochs.udp += 1;
            self.epochs.tcp += u32::from(rebinding.tcp);
        }
    }

    /// Starts with the first of a new configuration.
    pub(super) fn restart(&mut self) {
        self.taken = 0;
    }
}
