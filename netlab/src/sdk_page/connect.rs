//! Timed connects: from a click to the first snapshot, each by a client that remembers nothing. Pages are used again,
//! for to open one costs more than to connect; what a page load leaves to the next click, an open HTTP connection, the
//! game's own page has too.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{SdkBrowser, Visitor};
use crate::browser::BrowserError;
use crate::figures::quantile;
use protocol::rung::Rung;

/// What to connect, and how often.
#[derive(Debug, Clone)]
pub struct ConnectPlan {
    /// On this rung alone, or on the ladder.
    pub rung: Option<Rung>,
    /// How many times.
    pub count: usize,
    /// How many at once, each in a page of its own.
    pub abreast: usize,
    /// From when the client is made, at page load, to the click: a player types a name.
    pub typing: Duration,
    /// What has brought no snapshot after so long from the click has hung. At most 25 s.
    pub patience: Duration,
}

/// One connect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Milliseconds from the click to the first snapshot, if one came.
    pub ms: Option<f64>,
    /// The rung that brought it.
    pub rung: Option<Rung>,
    /// Why none came.
    pub error: Option<String>,
}

/// What became of many.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tally {
    /// Attempts that brought a snapshot.
    pub came_up: usize,
    /// Attempts that did not.
    pub hung: usize,
    /// Milliseconds from the click to the first snapshot, of those that came up.
    pub p50: Option<f64>,
    /// As `p50`.
    pub p90: Option<f64>,
    /// As `p50`.
    pub max: Option<f64>,
}

impl Tally {
    /// Counts and ranks.
    pub fn of(attempts: &[Attempt]) -> Self {
        let times: Vec<f64> = attempts.iter().filter_map(|attempt| attempt.ms).collect();
        Self {
            came_up: times.len(),
            hung: attempts.len() - times.len(),
            p50: quantile(&times, 0.5),
            p90: quantile(&times, 0.9),
            max: quantile(&times, 1.0),
        }
    }
}

/// Connects as planned.
///
/// # Errors
/// When the browser fails; a connect that fails is a result.
pub fn connects(browser: &SdkBrowser, plan: &ConnectPlan) -> Result<Vec<Attempt>, BrowserError> {
    let begun = AtomicUsize::new(0);
    let connect_in_one_page = || {
        let visitor = browser.new_visitor()?;
        let mut attempts = Vec::new();
        while begun.fetch_add(1, Ordering::Relaxed) < plan.count {
            attempts.push(visitor.connect(plan)?);
        }
        Ok(attempts)
    };
    std::thread::scope(|scope| {
        let pages: Vec<_> = (0..plan.abreast.max(1))
            .map(|_| scope.spawn(connect_in_one_page))
            .collect();
        let mut attempts = Vec::with_capacity(plan.count);
        for page in pages {
            attempts.extend(page.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok(attempts)
    })
}

impl Visitor {
    /// Types, clicks, waits for the first snapshot, and leaves.
    fn connect(&self, plan: &ConnectPlan) -> Result<Attempt, BrowserError> {
        let request = json!({
            "rung": plan.rung,
            "name": "Newcomer",
            "typingMs": plan.typing.as_millis() as u64,
            "patienceMs": plan.patience.as_millis() as u64,
        });
        self.page
            .evaluate(&format!("sdkUnderTest.connect({request})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connect_that_hung_counts_for_no_time() {
        let came_up = |ms| Attempt {
            ms: Some(ms),
            rung: Some(Rung::WebRtc),
            error: None,
        };
        let hung = Attempt {
            ms: None,
            rung: None,
            error: Some("no snapshot within 30 ms".into()),
        };
        let tally = Tally::of(&[came_up(30.0), hung, came_up(10.0), came_up(20.0)]);
        assert_eq!((tally.came_up, tally.hung), (3, 1));
        assert_eq!(
            (tally.p50, tally.p90, tally.max),
            (Some(20.0), Some(30.0), Some(30.0))
        );
    }
}
