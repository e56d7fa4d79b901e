//! How the page names what a report holds. It shows no figures.

use std::fmt::Write;

use time::OffsetDateTime;

use crate::report::{Check, Place};
use crate::transport_under_test::TransportUnderTest;

/// The row of the floor.
pub(super) const FLOOR: &str = "Link alone";

pub(super) fn way(way: TransportUnderTest) -> &'static str {
    match way {
        TransportUnderTest::Ladder => "Ladder",
        TransportUnderTest::WebTransport => "WebTransport",
        TransportUnderTest::WebRtc => "WebRTC",
        TransportUnderTest::WebSocket => "WebSocket",
        TransportUnderTest::OneWebSocket => "One WebSocket",
        TransportUnderTest::SocketIo => "Socket.IO",
    }
}

pub(super) fn place(place: Place) -> &'static str {
    match place {
        Place::Namespaces => "two network namespaces: every packet meets the link",
        Place::Relay => {
            "a relay: UDP datagrams and TCP bytes meet the link, TCP's own packets don't"
        }
    }
}

/// To the minute, in UTC; nothing for what is no date.
pub(super) fn date(unix_ms: f64) -> Option<String> {
    let date = OffsetDateTime::from_unix_timestamp((unix_ms / 1_000.0) as i64).ok()?;
    let (year, month, day) = date.to_calendar_date();
    let (hour, minute, _) = date.to_hms();
    let month = u8::from(month);
    Some(format!(
        "{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC"
    ))
}

/// `1 run`, `2 runs`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// As a shell takes it.
pub(super) fn command(arguments: &[String]) -> String {
    let is_plain = |argument: &String| {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_=./,:@%+".contains(letter);
        !argument.is_empty() && argument.chars().all(plain)
    };
    let mut line = String::new();
    for argument in arguments {
        let space = if line.is_empty() { "" } else { " " };
        // Writing to a string can't fail.
        let _ = if is_plain(argument) {
            write!(line, "{space}{argument}")
        } else {
            write!(line, "{space}'{}'", argument.replace('\'', r"'\''"))
        };
    }
    line
}

/// Of checks, how many passed: `✓ 4`, or `✗ 1 of 4`.
pub(super) fn tally(checks: &[&Check]) -> Option<(bool, String)> {
    let failed = checks.iter().filter(|check| !check.passed).count();
    match (checks.len(), failed) {
        (0, _) => None,
        (all, 0) => Some((true, format!("✓ {all}"))),
        (all, _) => Some((false, format!("✗ {failed} of {all}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_pasted_into_a_shell() {
        let arguments = ["netlab", "--profile", "it's 3G", "--out=a.json", ""].map(str::to_owned);
        assert_eq!(
            command(&arguments),
            r"netlab --profile 'it'\''s 3G' --out=a.json ''"
        );
    }

    #[test]
    fn dates_are_in_utc() {
        let date_of = date(1_795_358_400_000.0);
        assert_eq!(date_of.as_deref(), Some("2026-11-22 14:40 UTC"));
        assert_eq!(date(f64::INFINITY), None);
    }
}
