//! When to ask the certificate authority for what: a state machine that is told the time and the dice, and asks nobody
//! itself.

use std::time::{Duration, SystemTime};

/// When to renew an ACME certificate, and when to try again what failed.
///
/// Tell it what came of each [`Step`]; [`Schedule::next`] says which is due when.
///
/// A certificate is renewed at a point in the window that the authority suggests (ARI, RFC 9773), else after two thirds of
/// its lifetime. Draws are numbers from 0 to 1 that spread many servers in time.
#[derive(Clone, Debug)]
pub struct Schedule {
    held: Option<Held>,
    /// Orders that failed since the last that didn't.
    failures: u32,
    order_pause: Option<Pause>,
    inquiry: Inquiry,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Order a certificate.
    Order,
    /// Ask the authority when it wants the present one renewed.
    AskWindow,
}

/// From when on a certificate counts, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Its first second.
    pub not_before: SystemTime,
    /// Its last second.
    pub not_after: SystemTime,
}

/// How an order failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The authority could not be reached, or is at fault itself.
    Unreachable,
    /// The authority answered and gave no certificate; trying often would use up what it allows.
    Refused,
    /// The authority asked for patience until then.
    RateLimited(SystemTime),
}

#[derive(Clone, Copy, Debug)]
struct Held {
    lifetime: Lifetime,
    /// Where in the authority's window this server renews, drawn once, so that asking often doesn't make it early.
    draw: f64,
    window: Option<(SystemTime, SystemTime)>,
}

/// Nothing is tried before its end.
#[derive(Clone, Copy, Debug)]
struct Pause {
    end: SystemTime,
    longest: Duration,
    is_asked_for: bool,
}

#[derive(Clone, Copy, Debug)]
enum Inquiry {
    Due(SystemTime),
    Unsupported,
}

impl Schedule {
    /// With the certificate that there is, if it stands for the wanted names; without one an order is due at once.
    #[must_use]
    pub fn new(certificate: Option<Lifetime>, draw: f64) -> Self {
        Self {
            held: certificate.map(|lifetime| Held::new(lifetime, draw)),
            failures: 0,
            order_pause: None,
            inquiry: Inquiry::Due(SystemTime::UNIX_EPOCH),
        }
    }

    /// The next step and when it is due, which may be in the past.
    #[must_use]
    pub fn next(&self, now: SystemTime) -> (SystemTime, Step) {
        let wanted = self
            .held
            .as_ref()
            .map_or(SystemTime::UNIX_EPOCH, Held::renewal);
        let order = self
            .order_pause
            .map_or(wanted, |pause| wanted.max(pause.end_at(now)));
        match (self.held, self.inquiry) {
            (Some(_), Inquiry::Due(at)) if at < order && order > now => {
                // A clock that was set back must not put it off for longer than any pause.
                (at.min(now + LONGEST_INQUIRY_PAUSE), Step::AskWindow)
            }
            _ => (order, Step::Order),
        }
    }

    /// An order brought a certificate.
    pub fn issued(&mut self, lifetime: Lifetime, draw: f64) {
        *self = Self::new(Some(lifetime), draw);
    }

    /// An order failed; the same is tried again after a pause that doubles each time, up to an hour, and up to six where
    /// the authority refuses.
    pub fn order_failed(&mut self, failure: Failure, draw: f64, now: SystemTime) {
        let (first, longest) = match failure {
            Failure::Unreachable => (FIRST_PAUSE, LONGEST_PAUSE),
            Failure::Refused | Failure::RateLimited(_) => (FIRST_REFUSED, LONGEST_REFUSED),
        };
        let doubled = first.saturating_mul(1 << self.failures.min(MOST_DOUBLINGS));
        let own = now
            + doubled
                .min(longest)
                .mul_f64(0.75 + draw.clamp(0.0, 1.0) / 2.0);
        let end = match failure {
            Failure::RateLimited(until) => own.max(until.min(now + LONGEST_RATE_LIMIT)),
            Failure::Unreachable | Failure::Refused => own,
        };
        self.order_pause = Some(Pause {
            end,
            longest: LONGEST_RATE_LIMIT,
            is_asked_for: matches!(failure, Failure::RateLimited(_)),
        });
        self.failures = self.failures.saturating_add(1);
    }

    /// The authority wants the certificate renewed between `start` and `end`, and wants to be asked again after
    /// `ask_again`, which is held to between a minute and a day.
    pub fn window(
        &mut self,
        start: SystemTime,
        end: SystemTime,
        ask_again: Duration,
        now: SystemTime,
    ) {
        if let Some(held) = self.held.as_mut().filter(|_| start < end) {
            held.window = Some((start, end));
        }
        let pause = ask_again.clamp(SHORTEST_INQUIRY_PAUSE, LONGEST_INQUIRY_PAUSE);
        self.inquiry = Inquiry::Due(now + pause);
    }

    /// It could not be asked, or made no sense; the last window stands, and it is asked again within two hours.
    pub fn window_failed(&mut self, draw: f64, now: SystemTime) {
        let pause = INQUIRY_RETRY.mul_f64(0.5 + draw.clamp(0.0, 1.0));
        self.inquiry = Inquiry::Due(now + pause);
    }

    /// The authority suggests no windows.
    pub fn window_unsupported(&mut self) {
        self.inquiry = Inquiry::Unsupported;
    }

    /// Somebody asks for it: what failed is tried at once, unless the authority itself asked for patience.
    pub fn hurry(&mut self) {
        self.order_pause = self.order_pause.filter(|pause| pause.is_asked_for);
        if let Inquiry::Due(at) = &mut self.inquiry {
            *at = SystemTime::UNIX_EPOCH;
        }
    }
}

impl Held {
    fn new(lifetime: Lifetime, draw: f64) -> Self {
        Self {
            lifetime,
            draw: draw.clamp(0.0, 1.0),
            window: None,
        }
    }

    fn renewal(&self) -> SystemTime {
        let Lifetime {
            not_before,
            not_after,
        } = self.lifetime;
        let span = not_after.duration_since(not_before).unwrap_or_default();
        let suggested = self.window.map(|(start, end)| {
            let width = end.duration_since(start).unwrap_or_default();
            start + width.mul_f64(self.draw)
        });
        suggested
            .unwrap_or(not_before + span * 2 / 3)
            // Whatever is suggested, an authority that wants each renewed at once is not asked without end, and some
            // of the lifetime must be left for tries that fail.
            .max(not_before + (span / 10).min(SHORTEST_USE))
            .min(not_before + span / 10 * 9)
    }
}

impl Pause {
    /// A clock that was set back must not make it longer.
    fn end_at(self, now: SystemTime) -> SystemTime {
        self.end.min(now + self.longest)
    }
}

/// How long a certificate is used at least.
const SHORTEST_USE: Duration = Duration::from_secs(6 * 3_600);

/// After a first try that reached nobody. With each further one it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// After a first try that was refused. Let's Encrypt allows five failed validations of a name an hour.
const FIRST_REFUSED: Duration = Duration::from_secs(5 * 60);
const LONGEST_REFUSED: Duration = Duration::from_secs(6 * 3_600);

/// However long an authority asks to wait.
const LONGEST_RATE_LIMIT: Duration = Duration::from_secs(24 * 3_600);

/// RFC 9773 §4.3.2 asks for such bounds.
const SHORTEST_INQUIRY_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_INQUIRY_PAUSE: Duration = Duration::from_secs(24 * 3_600);
const INQUIRY_RETRY: Duration = Duration::from_secs(3_600);

/// More than the longest pause needs.
const MOST_DOUBLINGS: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);
    const DAY: Duration = Duration::from_secs(24 * 3_600);

    fn start() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000)
    }

    fn ninety_days() -> Lifetime {
        Lifetime {
            not_before: start(),
            not_after: start() + 90 * DAY,
        }
    }

    /// Draws that are spread, and the same in each run.
    fn draws() -> impl Iterator<Item = f64> {
        (1_u32..).map(|n| f64::from(n * 618_033 % 1_000_000) / 1e6)
    }

    /// Lets orders fail from `now` until `until`; gives when each was tried.
    fn let_fail(
        schedule: &mut Schedule,
        failure: Failure,
        mut now: SystemTime,
        until: SystemTime,
    ) -> Vec<SystemTime> {
        let mut tries = Vec::new();
        for draw in draws() {
            let (at, step) = schedule.next(now);
            now = now.max(at);
            if now >= until {
                break;
            }
            match step {
                Step::AskWindow => schedule.window_failed(draw, now),
                Step::Order => {
                    tries.push(now);
                    schedule.order_failed(failure, draw, now);
                }
            }
        }
        tries
    }

    #[test]
    fn without_a_certificate_an_order_is_due_at_once() {
        let schedule = Schedule::new(None, 0.5);
        let (at, step) = schedule.next(start());
        assert_eq!(step, Step::Order);
        assert!(at <= start());
    }

    #[test]
    fn without_a_suggestion_two_thirds_of_the_lifetime_pass() {
        let mut schedule = Schedule::new(Some(ninety_days()), 0.5);
        assert_eq!(schedule.next(start()).1, Step::AskWindow);
        schedule.window_unsupported();
        assert_eq!(schedule.next(start()), (start() + 60 * DAY, Step::Order));
    }

    #[test]
    fn a_suggested_window_counts_and_its_point_stays_when_asked_again() {
        let mut schedule = Schedule::new(Some(ninety_days()), 0.25);
        let window = (start() + 40 * DAY, start() + 44 * DAY);
        schedule.window(window.0, window.1, 6 * HOUR, start());
        assert_eq!(
            schedule.next(start()),
            (start() + 6 * HOUR, Step::AskWindow)
        );
        let now = start() + 6 * HOUR;
        schedule.window(window.0, window.1, 400 * DAY, now);
        assert_eq!(schedule.next(now), (now + DAY, Step::AskWindow));
        let late = start() + 41 * DAY;
        assert_eq!(schedule.next(late), (late, Step::Order));
    }

    #[test]
    fn a_window_that_is_moved_into_the_past_makes_an_order_due_now() {
        let mut schedule = Schedule::new(Some(ninety_days()), 0.9);
        schedule.window(start() + 60 * DAY, start() + 62 * DAY, DAY, start());
        let now = start() + DAY;
        schedule.window(start() - 2 * DAY, start() - DAY, DAY, now);
        let (at, step) = schedule.next(now);
        assert!(step == Step::Order && at <= now);
    }

    #[test]
    fn an_authority_that_wants_each_certificate_renewed_at_once_is_asked_four_times_a_day() {
        let mut schedule = Schedule::new(Some(ninety_days()), 0.5);
        schedule.window(start() - 2 * DAY, start() - DAY, 60 * DAY, start());
        assert_eq!(schedule.next(start()), (start() + 6 * HOUR, Step::Order));
    }

    #[test]
    fn a_window_that_is_nonsense_or_too_late_changes_nothing_or_is_cut() {
        let mut schedule = Schedule::new(Some(ninety_days()), 0.5);
        schedule.window(start() + 9 * DAY, start() + 8 * DAY, HOUR, start());
        let now = start() + 60 * DAY;
        assert_eq!(schedule.next(now), (now, Step::Order));
        schedule.window(start() + 200 * DAY, start() + 300 * DAY, HOUR, start());
        let now = start() + 81 * DAY;
        assert_eq!(schedule.next(now), (now, Step::Order));
    }

    #[test]
    fn an_authority_that_is_down_for_a_day_is_asked_seldom_and_has_the_last_third_to_come_back() {
        let mut schedule = Schedule::new(Some(ninety_days()), 0.5);
        let down = start() + 60 * DAY;
        let tries = let_fail(&mut schedule, Failure::Unreachable, start(), down + DAY);
        assert_eq!(tries[0], down);
        assert!((20..50).contains(&tries.len()), "{}", tries.len());
        let pauses = tries.windows(2).map(|pair| pair[1].duration_since(pair[0]));
        assert!(pauses.map(Result::unwrap).all(|pause| pause <= 2 * HOUR));
        schedule.issued(ninety_days(), 0.5);
        schedule.window_unsupported();
        assert_eq!(schedule.next(down + DAY), (start() + 60 * DAY, Step::Order));
    }

    #[test]
    fn pauses_grow_from_seconds_to_an_hour_and_are_spread() {
        let mut schedule = Schedule::new(None, 0.5);
        let tries = let_fail(
            &mut schedule,
            Failure::Unreachable,
            start(),
            start() + 2 * DAY,
        );
        let pauses: Vec<Duration> = tries
            .windows(2)
            .map(|pair| pair[1].duration_since(pair[0]).unwrap())
            .collect();
        assert!((FIRST_PAUSE / 2..2 * FIRST_PAUSE).contains(&pauses[0]));
        let last: Vec<&Duration> = pauses.iter().rev().take(9).collect();
        assert!(
            last.iter()
                .all(|pause| (HOUR * 3 / 4..=HOUR * 5 / 4).contains(*pause))
        );
        assert!(last.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn refusals_stay_below_five_an_hour() {
        let mut schedule = Schedule::new(None, 0.5);
        let tries = let_fail(&mut schedule, Failure::Refused, start(), start() + 2 * DAY);
        for (index, first) in tries.iter().enumerate() {
            let within = |at: &&SystemTime| at.duration_since(*first).unwrap() < HOUR;
            assert!(tries[index..].iter().filter(within).count() < 5);
        }
    }

    #[test]
    fn who_asks_for_patience_gets_it_up_to_a_day_even_if_somebody_is_in_a_hurry() {
        let mut schedule = Schedule::new(None, 0.5);
        let until = start() + 3 * HOUR;
        schedule.order_failed(Failure::RateLimited(until), 0.5, start());
        schedule.hurry();
        assert_eq!(schedule.next(start()), (until, Step::Order));
        schedule.order_failed(
            Failure::RateLimited(start() + 99 * DAY),
            0.5,
            start() + 3 * HOUR,
        );
        assert_eq!(
            schedule.next(until),
            (start() + 3 * HOUR + DAY, Step::Order)
        );
    }

    #[test]
    fn a_hurry_ends_other_pauses_and_asks_for_the_window() {
        let mut schedule = Schedule::new(None, 0.5);
        schedule.order_failed(Failure::Refused, 0.5, start());
        assert!(schedule.next(start()).0 > start());
        schedule.hurry();
        assert!(schedule.next(start()).0 <= start());
        let mut schedule = Schedule::new(Some(ninety_days()), 0.5);
        schedule.window_failed(0.5, start());
        schedule.hurry();
        let (at, step) = schedule.next(start());
        assert!(step == Step::AskWindow && at <= start());
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nothing_up_for_more_than_a_day() {
        let mut schedule = Schedule::new(None, 0.5);
        schedule.order_failed(Failure::Unreachable, 0.5, start() + 400 * DAY);
        assert!(schedule.next(start()).0 <= start() + DAY);
        let mut schedule = Schedule::new(Some(ninety_days()), 0.5);
        schedule.window_failed(0.5, start() + 50 * DAY);
        assert!(schedule.next(start()).0 <= start() + DAY);
    }
}
