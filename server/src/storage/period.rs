//! The periods that leaderboards count by, in UTC.

use signaling::Window;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The names of the periods that a moment, in milliseconds since 1970, lies in.
pub(super) fn periods(unix_ms: i64) -> [String; 3] {
    [Window::Day, Window::Week, Window::All].map(|window| period(window, unix_ms))
}

/// The name of a window's period at a moment, in milliseconds since 1970.
pub(super) fn period(window: Window, unix_ms: i64) -> String {
    let date = moment(unix_ms).date();
    match window {
        Window::Day => format!("day {date}"),
        Window::Week => {
            let (year, week, _) = date.to_iso_week_date();
            format!("week {year:04}-W{week:02}")
        }
        Window::All => "all".to_owned(),
    }
}

/// A moment as RFC 3339 has it, to the second.
pub(super) fn rfc_3339(unix_ms: i64) -> String {
    // Only years of more than four digits have no such form, and those are cut off.
    moment(unix_ms).format(&Rfc3339).unwrap_or_default()
}

fn moment(unix_ms: i64) -> OffsetDateTime {
    const LAST: i64 = 253_402_300_799;
    let seconds = unix_ms.div_euclid(1_000).clamp(0, LAST);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_lies_in_its_day_and_its_week_of_the_year_that_has_most_of_it() {
        // 2027-01-01 00:00:00, a Friday.
        let new_year = 1_798_761_600_000;
        let days = [
            (new_year - 1, "day 2026-12-31", "week 2026-W53"),
            (new_year, "day 2027-01-01", "week 2026-W53"),
            (new_year + 3 * 86_400_000, "day 2027-01-04", "week 2027-W01"),
        ];
        for (moment, day, week) in days {
            assert_eq!(periods(moment), [day, week, "all"]);
        }
        assert_eq!(rfc_3339(new_year - 1), "2026-12-31T23:59:59Z");
        assert_eq!(period(Window::Day, i64::MAX), "day 9999-12-31");
    }
}
