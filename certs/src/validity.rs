//! How long identities live and when one follows another: arithmetic on times, nothing else.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::CertificateError;

/// The longest validity with which browsers accept a certificate by hash.
///
/// W3C WebTransport, "custom certificate requirements".
pub const BROWSER_VALIDITY_LIMIT: Duration = days(14);

/// When a certificate counts, both ends included, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
}

impl Validity {
    /// For an identity that is served at once: it begins a little in the past, because players'
    /// clocks run behind ours.
    pub(crate) fn starting(now: SystemTime) -> Result<Self, CertificateError> {
        let since_epoch = now
            .duration_since(UNIX_EPOCH)
            .ok()
            .filter(|elapsed| *elapsed <= LATEST)
            .ok_or(CertificateError::Clock)?;
        let seconds = since_epoch.as_secs().saturating_sub(CLOCK_SKEW.as_secs());
        Ok(Self::from_start(UNIX_EPOCH + Duration::from_secs(seconds)))
    }

    /// For the identity that follows one which ends at `not_after`.
    pub(crate) fn following(not_after: SystemTime) -> Self {
        Self::from_start(not_after - OVERLAP)
    }

    fn from_start(not_before: SystemTime) -> Self {
        Self {
            not_before,
            not_after: not_before + VALIDITY,
        }
    }

    pub(crate) fn contains(&self, now: SystemTime) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    pub(crate) fn span(&self) -> Duration {
        self.not_after
            .duration_since(self.not_before)
            .unwrap_or_default()
    }

    /// When an identity with this validity takes over from the one before it.
    ///
    /// The middle of the overlap: a player's clock may then be half the overlap behind or ahead.
    pub(crate) fn takes_over_at(&self) -> SystemTime {
        self.not_before + OVERLAP / 2
    }
}

/// The day of a time in UTC, for messages.
pub(crate) fn date(at: SystemTime) -> time::Date {
    time::OffsetDateTime::from(at).date()
}

const VALIDITY: Duration = days(13);
const OVERLAP: Duration = days(3);
const CLOCK_SKEW: Duration = Duration::from_secs(60 * 60);

/// Leaves room for a validity before the year 10000, where X.509 ends.
const LATEST: Duration = Duration::from_secs(253_402_300_799 - 60 * 24 * 60 * 60);

const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 24 * 60 * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validity_begins_an_hour_ago_and_lasts_thirteen_days() {
        let now = UNIX_EPOCH + Duration::from_millis(1_795_000_000_500);
        let validity = Validity::starting(now).unwrap();
        assert_eq!(
            validity.not_before,
            UNIX_EPOCH + Duration::from_secs(1_795_000_000 - 3_600)
        );
        assert_eq!(validity.span(), days(13));
        assert!(validity.contains(now));
    }

    #[test]
    fn the_next_validity_covers_the_last_three_days_of_the_present_one() {
        let present = Validity::starting(UNIX_EPOCH + days(20_000)).unwrap();
        let next = Validity::following(present.not_after);
        assert_eq!(next.not_before + days(3), present.not_after);
        assert_eq!(next.span(), days(13));
    }

    #[test]
    fn a_clock_that_no_certificate_can_carry_is_refused() {
        assert!(Validity::starting(UNIX_EPOCH).is_ok());
        assert!(Validity::starting(UNIX_EPOCH - days(1)).is_err());
        assert!(Validity::starting(UNIX_EPOCH + days(366 * 9_000)).is_err());
    }
}
