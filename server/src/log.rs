//! The log: text or JSON lines, and no flood. Each place in the program has a budget of lines; what is over is counted, and
//! matches that have ended are never left out.

use std::hash::{Hash, Hasher};
use std::io::IsTerminal;
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota};
use tracing::callsite::Identifier;
use tracing::{Event, Metadata};
use tracing_subscriber::filter::FilterExt;
use tracing_subscriber::layer::{Context, Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::counters;
use crate::otlp::Traces;

/// Lines of one place at once, and then a minute.
const BURST: NonZeroU32 = NonZeroU32::new(30).unwrap();
const A_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// The same for report cards, of which each session has one.
const CARDS_AT_ONCE: NonZeroU32 = NonZeroU32::new(600).unwrap();
const CARDS_A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Begins to write the log to standard error, and spans to a collector.
///
/// # Errors
/// In words, when the directives can't be read.
pub(crate) fn init(directives: &str, is_json: bool, traces: Option<&Traces>) -> Result<(), String> {
    let directives = EnvFilter::try_new(directives).map_err(|error| error.to_string())?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines = if is_json {
        lines.json().boxed()
    } else if std::env::var_os("JOURNAL_STREAM").is_some() {
        // systemd's journal notes the time itself.
        lines.without_time().boxed()
    } else {
        lines.boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(directives.and(Throttle::new())))
        .with(traces.map(Traces::layer))
        .init();
    Ok(())
}

/// A place in the program that logs.
#[derive(Clone, PartialEq, Eq)]
struct Place(Identifier);

impl Hash for Place {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// Leaves lines out where there are too many.
struct Throttle {
    places: DefaultKeyedRateLimiter<Place>,
    cards: DefaultKeyedRateLimiter<Place>,
}

impl Throttle {
    fn new() -> Self {
        let quota = |a_minute, burst| Quota::per_minute(a_minute).allow_burst(burst);
        Self {
            places: DefaultKeyedRateLimiter::keyed(quota(A_MINUTE, BURST)),
            cards: DefaultKeyedRateLimiter::keyed(quota(CARDS_A_MINUTE, CARDS_AT_ONCE)),
        }
    }

    fn takes(&self, metadata: &Metadata<'_>) -> bool {
        let place = Place(metadata.callsite());
        let is_within = match metadata.target() {
            "finished_match" => true,
            "report_card" => self.cards.check_key(&place).is_ok(),
            _ => self.places.check_key(&place).is_ok(),
        };
        if !is_within {
            counters::log_lines_left_out().increment(1);
        }
        is_within
    }
}

impl<S> Filter<S> for Throttle {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        self.takes(event.metadata())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_flood_of_one_line_leaves_room_for_others_and_finished_matches_are_all_there() {
        let written = Written::default();
        let writer = written.clone();
        let lines = tracing_subscriber::fmt::layer().with_writer(move || writer.clone());
        let log = tracing_subscriber::registry().with(lines.with_filter(Throttle::new()));
        tracing::subscriber::with_default(log, || {
            for _ in 0..1_000 {
                tracing::info!("flood");
                tracing::info!(target: "finished_match", "match");
            }
            tracing::info!("other");
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let count = |word: &str| text.lines().filter(|line| line.ends_with(word)).count();
        assert_eq!(count("flood"), BURST.get() as usize);
        assert_eq!((count("match"), count("other")), (1_000, 1));
    }
}
