//! The log: text or JSON lines, and no flood. Each place in the program has a budget of lines, and what peers bring about has
//! one together; what is over is counted. Matches that have ended are never left out: each takes a room that ran until its
//! game was over, so there are no more of them than rooms in the length of a match.

use std::backtrace::Backtrace;
use std::hash::{Hash, Hasher};
use std::io::IsTerminal;
use std::num::NonZeroU32;
use std::panic::PanicHookInfo;

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota};
use tracing::callsite::Identifier;
use tracing::{Event, Level, Metadata, debug, error};
use tracing_subscriber::filter::{FilterExt, LevelFilter};
use tracing_subscriber::layer::{Context, Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::counters;
use crate::otlp::Traces;

/// Lines of one place, at once and then a minute.
const OF_PLACE: [u32; 2] = [20, 10];

/// Lines of all places that tell what goes as it should, of which peers bring about most. Warnings and errors are apart, so
/// that no flood hides them; with these and report cards a log stays under 100 lines a minute.
const OF_INFO: [u32; 2] = [30, 20];

/// Report cards, of which each session has one; metrics have them all.
const OF_CARDS: [u32; 2] = [15, 10];

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
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Writes a panic as one line, and the way to it where the log tells such things.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    let message = panic.payload_as_str().unwrap_or("no message");
    // Quoted, for many have several lines.
    error!(location = location.as_deref(), "panic: {message:?}");
    debug!("the panic's backtrace:\n{}", Backtrace::force_capture());
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
    info: DefaultDirectRateLimiter,
    cards: DefaultDirectRateLimiter,
}

impl Throttle {
    fn new() -> Self {
        Self {
            places: DefaultKeyedRateLimiter::keyed(quota(OF_PLACE)),
            info: DefaultDirectRateLimiter::direct(quota(OF_INFO)),
            cards: DefaultDirectRateLimiter::direct(quota(OF_CARDS)),
        }
    }

    fn takes(&self, metadata: &Metadata<'_>) -> bool {
        let place = Place(metadata.callsite());
        let is_within = match metadata.target() {
            "finished_match" => true,
            "report_card" => self.cards.check().is_ok(),
            // The place first, so that what it leaves out costs others nothing.
            _ if self.places.check_key(&place).is_err() => false,
            _ => *metadata.level() != Level::INFO || self.info.check().is_ok(),
        };
        if !is_within {
            counters::log_lines_left_out().increment(1);
        }
        is_within
    }
}

fn quota([at_once, a_minute]: [u32; 2]) -> Quota {
    let count = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
    Quota::per_minute(count(a_minute)).allow_burst(count(at_once))
}

impl<S> Filter<S> for Throttle {
    /// All levels: with no hint here, the other filter's would not count, and each line that nobody wants be made.
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }

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

    use tracing_subscriber::filter::LevelFilter;

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

    /// What a log of ours has after `act`.
    fn lines_of(act: impl FnOnce()) -> Vec<String> {
        let written = Written::default();
        let writer = written.clone();
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(move || writer.clone());
        let log = tracing_subscriber::registry()
            .with(lines.with_filter(LevelFilter::INFO.and(Throttle::new())));
        tracing::subscriber::with_default(log, act);
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_flood_of_one_line_leaves_room_for_others_and_finished_matches_are_all_there() {
        let lines = lines_of(|| {
            for _ in 0..1_000 {
                tracing::info!("flood");
                tracing::info!(target: "finished_match", "match");
            }
            tracing::info!("other");
        });
        let count = |word: &str| lines.iter().filter(|line| line.ends_with(word)).count();
        assert_eq!(count("flood"), OF_PLACE[0] as usize);
        assert_eq!((count("match"), count("other")), (1_000, 1));
    }

    #[test]
    fn all_that_peers_bring_about_stays_under_100_lines_and_hides_no_warning() {
        let lines = lines_of(|| {
            for _ in 0..1_000 {
                tracing::info!("player came");
                tracing::info!("player gone");
                tracing::info!("room begins");
                tracing::info!("room ended");
                tracing::info!("the game refuses an action");
                tracing::info!(target: "report_card", "{{}}");
            }
            tracing::warn!("certificate not renewed");
        });
        let [at_once, a_minute] = [0, 1].map(|part| OF_INFO[part] + OF_CARDS[part]);
        assert_eq!(lines.len(), at_once as usize + 1, "{lines:?}");
        assert!(at_once + a_minute < 80);
        assert!(lines.last().unwrap().ends_with("certificate not renewed"));
    }

    #[test]
    fn a_panic_is_one_line_that_says_where() {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(log_panic));
        let lines = lines_of(|| {
            for _ in 0..100 {
                let _ = std::panic::catch_unwind(|| panic!("first line\nsecond line"));
            }
        });
        std::panic::set_hook(before);
        assert_eq!(lines.len(), OF_PLACE[0] as usize, "{lines:?}");
        for line in lines {
            assert!(
                line.contains("ERROR") && line.contains("src/log.rs:"),
                "{line}"
            );
            assert!(line.contains(r"first line\nsecond line"), "{line}");
        }
    }
}
