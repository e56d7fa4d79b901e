//! Players of the real SDK in Chromium, without a game or a picture, so that many fit on one machine and a busy
//! renderer distorts no time. Their page is `/healthz`, the smallest of the server's origin.

mod bundle;
mod connect;

use std::time::Duration;

pub use bundle::BundleError;
pub use connect::{Attempt, ConnectPlan, Tally, connects};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::browser::{Browser, BrowserError, BrowserKind, BrowserOptions, Page};
use crate::lab::Lab;
use crate::rung::Rung;
use crate::server_process::ServerProcess;

/// A Chromium whose pages hold the SDK.
#[derive(Debug)]
pub struct SdkBrowser {
    browser: Browser,
    page: String,
}

/// A State datagram as it came out of a data channel.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(from = "(u16, u32, f64)")]
pub struct Arrival {
    /// Its number.
    pub sequence: u16,
    /// The tick that it shows.
    pub tick: u32,
    /// When, in milliseconds since 1970.
    pub at_ms: f64,
}

impl From<(u16, u32, f64)> for Arrival {
    fn from((sequence, tick, at_ms): (u16, u32, f64)) -> Self {
        Self {
            sequence,
            tick,
            at_ms,
        }
    }
}

impl SdkBrowser {
    /// Bundles the SDK and launches a browser for `server`; on the lab's client host when there is a lab.
    ///
    /// # Errors
    /// When something is missing ([`crate::prerequisites::Missing::is_missing`]), the SDK doesn't bundle or the
    /// browser doesn't start.
    pub fn launch(server: &ServerProcess, lab: Option<&Lab>) -> Result<Self, BundleError> {
        let options = BrowserOptions {
            init_script: Some(bundle::bundle()?),
            secure_origins: vec![server.origin()],
            ..BrowserOptions::new(BrowserKind::Chromium)
        };
        Ok(Self {
            browser: Browser::launch(options, lab)?,
            page: format!("{}/healthz", server.origin()),
        })
    }

    /// What the browser calls itself.
    pub fn version(&self) -> &str {
        self.browser.version()
    }

    /// A visitor of its own: a page with its own connections and storage.
    ///
    /// # Errors
    /// When the page doesn't load.
    pub fn new_visitor(&self) -> Result<Visitor, BrowserError> {
        let page = self.browser.new_page()?;
        page.goto(&self.page)?;
        Ok(Visitor(page))
    }
}

/// A page with the SDK in it.
#[derive(Debug)]
pub struct Visitor(Page);

impl Visitor {
    /// Joins on `rung` and plays on until the page closes.
    ///
    /// # Errors
    /// When the join fails or takes longer than 30 s.
    pub fn play(&self, rung: Rung, name: &str, room: &str) -> Result<(), BrowserError> {
        let request = json!({ "rung": rung, "name": name, "room": room });
        self.0
            .evaluate::<u32>(&format!("sdkUnderTest.play({request})"))
            .map(drop)
    }

    /// What each WebRTC link of this page has brought, link by link, in the order it came.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn arrivals(&self) -> Result<Vec<Vec<Arrival>>, BrowserError> {
        self.0.evaluate("sdkUnderTest.arrivals()")
    }

    /// The SDK's own figures of each player in this page.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn figures(&self) -> Result<Vec<crate::game_page::Stats>, BrowserError> {
        self.0.evaluate("sdkUnderTest.figures()")
    }

    /// Joins and leaves `count` times on `rung`, `abreast` at once, and gives what went wrong, in words.
    ///
    /// # Errors
    /// When the page is gone, or it takes longer than 30 s.
    pub fn join_and_leave(
        &self,
        rung: Rung,
        count: usize,
        abreast: usize,
    ) -> Result<Vec<String>, BrowserError> {
        let patience = Duration::from_secs(20).as_millis() as u64;
        let request =
            json!({ "rung": rung, "count": count, "abreast": abreast, "patienceMs": patience });
        self.0
            .evaluate(&format!("sdkUnderTest.joinAndLeave({request})"))
    }

    /// Evaluates an expression, in which `sdkUnderTest` is what `browser/sdk/entry.mjs` exports.
    ///
    /// # Errors
    /// When it throws, takes longer than 30 s, or its value isn't a `T`.
    pub fn evaluate<T: DeserializeOwned>(&self, expression: &str) -> Result<T, BrowserError> {
        self.0.evaluate(expression)
    }

    /// Closes the page, and its connections with it.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn close(self) -> Result<(), BrowserError> {
        self.0.close()
    }
}
