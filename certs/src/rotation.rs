//! Which identity serves and which one follows, decided from what is at hand; files and keys are
//! made elsewhere.

use std::{sync::Arc, time::SystemTime};

use crate::{
    CertificateError,
    identity::Identity,
    names::Names,
    validity::{Validity, date},
};

/// The identity that serves and the one that will, both offered to clients.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) current: Arc<Identity>,
    pub(crate) next: Arc<Identity>,
}

/// The two places of a [`Pair`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Current,
    Next,
}

/// Why an identity at hand can't be used; completes "is replaced: …".
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("{0}")]
    Unreadable(CertificateError),
    #[error("it stands for {stored}, not for {wanted}")]
    ForeignNames { stored: Names, wanted: Names },
    #[error("browsers would not take it by hash: {0}")]
    NotPinnable(String),
    #[error("it expired on {0}")]
    Expired(time::Date),
    #[error("it is not valid before {0}, and the clock says {1}")]
    NotYetValid(time::Date, time::Date),
    #[error("its validity does not follow on the present one's")]
    OutOfStep,
}

/// What [`settle`] came to.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) pair: Pair,
    /// What was at hand and could not be used; a rotation that comes when it is due is none.
    pub(crate) unfit: Vec<(Slot, Unfit)>,
}

/// Whether an identity that was stored is one that this crate would mint for `names`.
pub(crate) fn examine(identity: &Identity, names: &Names) -> Result<(), Unfit> {
    if identity.name_set() != names {
        let stored = identity.name_set().clone();
        return Err(Unfit::ForeignNames {
            stored,
            wanted: names.clone(),
        });
    }
    identity.check_pinnable().map_err(Unfit::NotPinnable)
}

/// Makes a pair for `now`: keeps what clients may know as long as it lasts, lets the next one take
/// over when it is due, and mints what is missing.
pub(crate) fn settle(
    mut current: Option<Arc<Identity>>,
    mut next: Option<Arc<Identity>>,
    now: SystemTime,
    mut mint: impl FnMut(Validity) -> Result<Identity, CertificateError>,
) -> Result<Settled, CertificateError> {
    let mut unfit = Vec::new();
    loop {
        if let Some(reason) = current
            .as_ref()
            .and_then(|identity| out_of_time(identity, now))
        {
            unfit.push((Slot::Current, reason));
            current = None;
        }
        let serving = match current
            .take()
            .or_else(|| next.take_if(|next| next.is_valid_at(now)))
        {
            Some(identity) => identity,
            None => Arc::new(mint(Validity::starting(now)?)?),
        };
        let following = match next.take() {
            // The same one twice: a rotation was cut short between its two writes.
            Some(identity) if identity.sha256() == serving.sha256() => None,
            Some(identity) if !follows(&identity, &serving) => {
                unfit.push((
                    Slot::Next,
                    expired(&identity, now).unwrap_or(Unfit::OutOfStep),
                ));
                None
            }
            other => other,
        };
        let following = match following {
            Some(identity) => identity,
            None => Arc::new(mint(Validity::following(serving.not_after()))?),
        };
        if now < following.validity().takes_over_at() {
            return Ok(Settled {
                pair: Pair {
                    current: serving,
                    next: following,
                },
                unfit,
            });
        }
        current = Some(following);
    }
}

/// `next` must outlive `current` and take over before it ends.
fn follows(next: &Identity, current: &Identity) -> bool {
    next.not_after() > current.not_after() && next.validity().takes_over_at() < current.not_after()
}

fn out_of_time(identity: &Identity, now: SystemTime) -> Option<Unfit> {
    let early = || Unfit::NotYetValid(date(identity.not_before()), date(now));
    expired(identity, now).or_else(|| (now < identity.not_before()).then(early))
}

fn expired(identity: &Identity, now: SystemTime) -> Option<Unfit> {
    (now > identity.not_after()).then(|| Unfit::Expired(date(identity.not_after())))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::mint::mint;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn day(count: u32) -> SystemTime {
        UNIX_EPOCH + 20_000 * DAY + count * DAY
    }

    fn names() -> Names {
        Names::parse(&["localhost".to_owned()]).unwrap()
    }

    fn settle_at(now: SystemTime, pair: Option<&Pair>) -> Settled {
        let current = pair.map(|pair| pair.current.clone());
        let next = pair.map(|pair| pair.next.clone());
        settle(current, next, now, |validity| mint(&names(), validity)).unwrap()
    }

    #[test]
    fn the_next_takes_over_in_the_middle_of_the_overlap() {
        let first = settle_at(day(0), None).pair;
        let due = first.next.not_before() + DAY + DAY / 2;
        let before = settle_at(due - Duration::from_secs(1), Some(&first));
        assert_eq!(before.pair.current.sha256(), first.current.sha256());
        let after = settle_at(due, Some(&first));
        assert_eq!(after.pair.current.sha256(), first.next.sha256());
        assert_eq!(
            after.pair.next.not_before() + 3 * DAY,
            first.next.not_after()
        );
        assert!(after.unfit.is_empty(), "{:?}", after.unfit);
    }

    #[test]
    fn an_expired_current_gives_way_to_the_next_that_clients_know() {
        let first = settle_at(day(0), None).pair;
        let later = settle_at(day(15), Some(&first));
        assert_eq!(later.pair.current.sha256(), first.next.sha256());
        assert!(matches!(
            later.unfit[..],
            [(Slot::Current, Unfit::Expired(_))]
        ));
    }

    #[test]
    fn after_a_long_absence_both_are_made_anew() {
        let first = settle_at(day(0), None).pair;
        let later = settle_at(day(200), Some(&first));
        assert!(later.pair.current.is_valid_at(day(200)));
        assert!(follows(&later.pair.next, &later.pair.current));
        let reasons = [Slot::Current, Slot::Next];
        assert_eq!(
            later
                .unfit
                .iter()
                .map(|(slot, _)| *slot)
                .collect::<Vec<_>>(),
            reasons
        );
        assert!(
            later
                .unfit
                .iter()
                .all(|(_, unfit)| matches!(unfit, Unfit::Expired(_)))
        );
    }

    #[test]
    fn at_every_age_of_the_store_the_result_serves_now_and_has_a_successor() {
        let first = settle_at(day(0), None).pair;
        for hour in 0..40 * 24 {
            let now = day(0) + hour * DAY / 24;
            let pair = settle_at(now, Some(&first)).pair;
            assert!(pair.current.is_valid_at(now), "hour {hour}");
            assert!(follows(&pair.next, &pair.current), "hour {hour}");
            assert!(now < pair.next.validity().takes_over_at(), "hour {hour}");
        }
    }

    #[test]
    fn a_clock_set_back_makes_both_anew_and_says_so() {
        let first = settle_at(day(300), None).pair;
        let earlier = settle_at(day(0), Some(&first));
        assert!(earlier.pair.current.is_valid_at(day(0)));
        assert!(matches!(
            earlier.unfit[..],
            [
                (Slot::Current, Unfit::NotYetValid(..)),
                (Slot::Next, Unfit::OutOfStep)
            ]
        ));
    }

    #[test]
    fn a_lost_current_does_not_cost_the_next_that_clients_know() {
        let first = settle_at(day(0), None).pair;
        let settled = settle(None, Some(first.next.clone()), day(1), |v| {
            mint(&names(), v)
        })
        .unwrap();
        assert!(settled.pair.current.is_valid_at(day(1)));
        assert_eq!(settled.pair.next.sha256(), first.next.sha256());
        assert!(settled.unfit.is_empty());
    }

    #[test]
    fn a_rotation_cut_short_goes_on_without_a_complaint() {
        let first = settle_at(day(0), None).pair;
        let cut = Pair {
            current: first.next.clone(),
            next: first.next.clone(),
        };
        let settled = settle_at(day(12), Some(&cut));
        assert_eq!(settled.pair.current.sha256(), first.next.sha256());
        assert!(follows(&settled.pair.next, &settled.pair.current));
        assert!(settled.unfit.is_empty());
    }
}
