//! What the server sent to one player, worked out from what came in: the numbers that are missing were sent too. Pure.

use std::collections::BTreeSet;

use super::witness::SendTimes;
use crate::judge::Sent;
use crate::sdk_page::Arrival;

/// The snapshots that were made for a player from `from_ms` to `to_ms` (milliseconds since 1970), with times from
/// `from_ms`. `every` is how many ticks apart they are made unless the path is rough.
///
/// Those that never came lie evenly between those that did. Where nothing came before or after, the usual rate counts.
pub(super) fn sent_to(
    arrivals: &[Arrival],
    times: &SendTimes,
    every: u32,
    (from_ms, to_ms): (f64, f64),
) -> Vec<Sent> {
    let mut ticks = BTreeSet::new();
    for session in sessions(arrivals) {
        for pair in session.windows(2) {
            ticks.extend(between(pair[0], pair[1]));
        }
        ticks.extend(session.last().map(|(_, tick)| *tick));
    }
    let (first, last) = (ticks.first().copied(), ticks.last().copied());
    let usual = times.ticks_between(from_ms, to_ms);
    let beyond = |tick: &u32| {
        first.is_none_or(|first| *tick < first) || last.is_some_and(|last| *tick > last)
    };
    let unseen: Vec<u32> = usual
        .filter(|tick| tick.is_multiple_of(every))
        .filter(beyond)
        .collect();
    ticks.extend(unseen);
    let sent = ticks.into_iter().filter_map(|tick| {
        let at_ms = times.at(tick)?;
        (from_ms..to_ms).contains(&at_ms).then_some(Sent {
            tick,
            at_ms: at_ms - from_ms,
        })
    });
    sent.collect()
}

/// Numbers without wrap-around, with their ticks, in order; one list per session, for another session counts anew.
fn sessions(arrivals: &[Arrival]) -> Vec<Vec<(i64, u32)>> {
    let mut sessions: Vec<Vec<(i64, u32)>> = Vec::new();
    let mut last: Option<(u16, i64, u32)> = None;
    for arrival in arrivals {
        let continued = last.and_then(|(sequence, position, tick)| {
            let step = i64::from(arrival.sequence.wrapping_sub(sequence).cast_signed());
            let ticks = i64::from(arrival.tick) - i64::from(tick);
            // A session numbers one snapshot per tick at most, and in the ticks' order.
            let goes_on = step.signum() == ticks.signum() && step.abs() <= ticks.abs();
            goes_on.then_some(position + step)
        });
        if continued.is_none() {
            sessions.push(Vec::new());
        }
        let position = continued.unwrap_or(0);
        last = Some((arrival.sequence, position, arrival.tick));
        if let Some(session) = sessions.last_mut() {
            session.push((position, arrival.tick));
        }
    }
    for session in &mut sessions {
        session.sort_unstable();
        session.dedup();
    }
    sessions
}

/// The earlier one's tick and those of the numbers between.
fn between((from, tick): (i64, u32), (to, next): (i64, u32)) -> impl Iterator<Item = u32> {
    let numbers = (to - from).max(1);
    let ticks = i64::from(next) - i64::from(tick);
    (0..numbers)
        .filter_map(move |step| u32::try_from(i64::from(tick) + ticks * step / numbers).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::rung::Rung;

    fn arrivals(numbers: &[(u16, u32)]) -> Vec<Arrival> {
        let arrival = |&(sequence, tick): &(u16, u32)| Arrival {
            sequence,
            tick,
            at_ms: 0.0,
            link: 1,
            rung: Rung::WebTransport,
        };
        numbers.iter().map(arrival).collect()
    }

    /// A tick takes 10 ms here; all from 0 to 99 were witnessed.
    fn times() -> SendTimes {
        (0..100)
            .map(|tick| (tick, f64::from(tick) * 10.0))
            .collect()
    }

    fn ticks(arrivals: &[Arrival], from_ms: f64, to_ms: f64) -> Vec<u32> {
        let sent = sent_to(arrivals, &times(), 3, (from_ms, to_ms));
        for Sent { tick, at_ms } in &sent {
            assert_eq!(*at_ms, f64::from(*tick) * 10.0 - from_ms);
        }
        sent.into_iter().map(|sent| sent.tick).collect()
    }

    #[test]
    fn what_never_came_was_sent_between_what_did() {
        // Out of order and twice; 11 and 12 are missing, and on a rough path there are more.
        let came = arrivals(&[(9, 27), (13, 39), (10, 30), (13, 39), (15, 44), (14, 42)]);
        assert_eq!(ticks(&came, 270.0, 450.0), [27, 30, 33, 36, 39, 42, 44]);
        assert_eq!(ticks(&came, 300.0, 400.0), [30, 33, 36, 39]);
    }

    #[test]
    fn where_nothing_came_the_usual_rate_counts() {
        assert_eq!(ticks(&[], 100.0, 200.0), [12, 15, 18]);
        let came = arrivals(&[(1, 30), (2, 33)]);
        assert_eq!(ticks(&came, 200.0, 400.0), [21, 24, 27, 30, 33, 36, 39]);
    }

    #[test]
    fn numbers_wrap_around_and_begin_anew_with_a_session() {
        let came = arrivals(&[(65_534, 30), (1, 39), (0, 36), (0, 45), (2, 51)]);
        assert_eq!(ticks(&came, 300.0, 520.0), [30, 33, 36, 39, 45, 48, 51]);
    }
}
