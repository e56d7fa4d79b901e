//! The game's page in a browser, as a player and `window.battleCircles` tell of it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::browser::{Browser, BrowserError, Page};
use protocol::rung::Rung;

/// What the page measures; `web/sdk/src/stats.ts` says what each figure is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "documented where they are measured")]
pub struct Stats {
    #[serde(default)]
    pub rung: Option<Rung>,
    pub rtt: f64,
    pub snapshots: u64,
    pub snapshot_age: SnapshotAge,
    pub starved_fraction: f64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub rung_changes: u32,
    pub tick: u32,
    pub players: usize,
    pub time_to_first_snapshot: f64,
    pub standstill: f64,
    pub rung_log: Vec<RungChange>,
    #[serde(default)]
    pub frames: Option<Frames>,
    #[serde(default)]
    pub corrections: Option<Quantiles>,
    #[serde(default)]
    pub frame_cost: Option<Quantiles>,
    #[serde(default)]
    pub bytes_extra: Option<BothWays>,
    /// Frames that 95 of 100 inputs took to the screen at most, where the lab's page has watched.
    #[serde(default)]
    pub input_frames: Option<f64>,
    /// What the lab's page has looked at again and again.
    #[serde(default)]
    pub looks: Option<Looks>,
    /// How right the picture of the others was, where the lab's page has watched.
    #[serde(default)]
    pub picture: Option<Picture>,
}

/// How right a player's picture of the others was.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    /// How far a circle was drawn from where the server had it at that moment, in pixels.
    pub distance: Quantiles,
    /// How much its speed changed from frame to frame at most, 95 of 100 times, in pixels a second.
    pub speed_jump_p95: f64,
}

/// Frames since the session began.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[expect(missing_docs, reason = "documented where they are counted")]
pub struct Frames {
    pub sampled: u64,
    pub extrapolated: u64,
    pub frozen: u64,
}

/// The middle and the tail.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[expect(missing_docs, reason = "named for what they are")]
pub struct Quantiles {
    pub p50: f64,
    pub p95: f64,
}

/// Bytes of both directions.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct BothWays {
    /// Received.
    #[serde(rename = "in")]
    pub down: u64,
    /// Sent.
    #[serde(rename = "out")]
    pub up: u64,
}

/// Means, and a most, of what was looked at some times a second.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Looks {
    /// The interpolation delay in milliseconds.
    pub delay: f64,
    /// The longest of it.
    pub longest_delay: f64,
    /// Datagrams that carry each input.
    pub input_copies: f64,
}

/// From the server's send to the receipt, in milliseconds, as the page estimates it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[expect(missing_docs, reason = "named for what they are")]
pub struct SnapshotAge {
    pub p50: f64,
    pub p99: f64,
}

/// The game has moved to another rung.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RungChange {
    /// Milliseconds since the click.
    pub at: f64,
    /// What carried it before.
    #[serde(default)]
    pub from: Option<Rung>,
    /// What carries it now.
    #[serde(default)]
    pub to: Option<Rung>,
    /// Why.
    pub why: String,
}

/// What was seen of a page over a while, timed by the page itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Watched {
    /// How long, in milliseconds.
    pub ms: f64,
    /// Snapshots that came in.
    pub snapshots: u64,
    /// How far the own circle went while it lived, in pixels.
    pub travelled: f64,
    /// The stats at the end.
    pub stats: Stats,
}

impl Watched {
    /// Snapshots a second.
    pub fn rate(&self) -> f64 {
        self.snapshots as f64 * 1_000.0 / self.ms
    }
}

/// A page that plays by itself.
#[derive(Debug)]
pub struct GamePage(Page);

impl GamePage {
    /// Opens the game of `origin`, which joins and steers by itself. Without a `rung` it climbs the ladder.
    ///
    /// # Errors
    /// When the page doesn't load.
    pub fn autoplay(
        browser: &Browser,
        origin: &str,
        rung: Option<Rung>,
        name: &str,
        room: &str,
    ) -> Result<Self, BrowserError> {
        let rung = rung.map_or(String::new(), |rung| format!("&rung={}", rung.name()));
        let address = format!("{origin}/?autoplay=1&name={name}&room={room}{rung}");
        Self::open(browser, &address)
    }

    /// Opens the game at an address with parameters of its own.
    ///
    /// # Errors
    /// When the page doesn't load.
    pub fn open(browser: &Browser, address: &str) -> Result<Self, BrowserError> {
        let page = browser.new_page()?;
        page.goto(address)?;
        Ok(Self(page))
    }

    /// Waits for the first snapshot.
    ///
    /// # Errors
    /// When none comes in time; with what the page wrote to its console.
    pub fn wait_until_playing(&self, limit: Duration) -> Result<(), BrowserError> {
        self.wait_for("battleCircles.stats().snapshots > 0", limit)
    }

    /// Waits until an expression holds.
    ///
    /// # Errors
    /// When it doesn't in time; with what the page wrote to its console.
    pub fn wait_for(&self, expression: &str, limit: Duration) -> Result<(), BrowserError> {
        self.0.wait_for(expression, limit).map_err(|error| {
            let console = self.0.console().unwrap_or_default();
            match error {
                BrowserError::Timeout { operation, message } => BrowserError::Timeout {
                    operation,
                    message: format!("{message}; the console: {console:?}"),
                },
                other => other,
            }
        })
    }

    /// What the page has measured.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn stats(&self) -> Result<Stats, BrowserError> {
        self.0.evaluate("battleCircles.stats()")
    }

    /// Watches the game for `span`, up to 25 s.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn watch(&self, span: Duration) -> Result<Watched, BrowserError> {
        self.0.evaluate(&format!("({WATCH})({})", span.as_millis()))
    }

    /// Waits until the standings on the screen name somebody.
    ///
    /// # Errors
    /// When they don't in time.
    pub fn wait_for_name(&self, name: &str, limit: Duration) -> Result<(), BrowserError> {
        let name = json!(name);
        self.wait_for(
            &format!(
                "[...document.querySelectorAll('.standing-name')].some((line) => line.checkVisibility() && line.textContent === {name})"
            ),
            limit,
        )
    }

    /// The page itself.
    pub fn page(&self) -> &Page {
        &self.0
    }
}

const WATCH: &str = r"async (span) => {
    const [start, before] = [performance.now(), battleCircles.stats().snapshots];
    let [travelled, last] = [0, battleCircles.self()];
    while (performance.now() - start < span) {
        await new Promise((done) => setTimeout(done, 100));
        const own = battleCircles.self();
        if (own.alive && last.alive) travelled += Math.hypot(own.x - last.x, own.y - last.y);
        last = own;
    }
    const stats = battleCircles.stats();
    return { ms: performance.now() - start, snapshots: stats.snapshots - before, travelled, stats };
}";
