//! Players of the real SDK and the real game's logic in a browser, without a picture, so that many fit on one machine
//! and a busy renderer distorts no time. Their page is `/healthz`, the smallest of the server's origin.

mod bundle;
mod connect;
mod notes;

use std::time::Duration;

pub use bundle::BundleError;
pub use connect::{Attempt, ConnectPlan, Tally, connects};
pub use notes::{Arrival, JournalEntry, Notes, PageClock, PlayerNotes};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::browser::{Browser, BrowserError, BrowserKind, BrowserOptions, ConsoleLine, Page};
use crate::lab::Lab;
use crate::server_process::ServerProcess;
use protocol::rung::Rung;

/// A browser whose pages hold the SDK.
#[derive(Debug)]
pub struct SdkBrowser {
    browser: Browser,
    origin: String,
}

impl SdkBrowser {
    /// Bundles the SDK and launches Chromium for `server`; on the lab's client host when there is a lab.
    ///
    /// # Errors
    /// When something is missing ([`crate::prerequisites::Missing::is_missing`]), the SDK doesn't bundle or the
    /// browser doesn't start.
    pub fn launch(server: &ServerProcess, lab: Option<&Lab>) -> Result<Self, BundleError> {
        Self::launch_for(BrowserKind::Chromium, &server.origin(), lab)
    }

    /// As [`SdkBrowser::launch`], of any kind and for the server of any origin, which may start later.
    ///
    /// # Errors
    /// As [`SdkBrowser::launch`].
    pub fn launch_for(
        kind: BrowserKind,
        origin: &str,
        lab: Option<&Lab>,
    ) -> Result<Self, BundleError> {
        let mut options = BrowserOptions {
            init_script: Some(bundle::bundle()?),
            secure_origins: vec![origin.to_owned()],
            ..BrowserOptions::new(kind)
        };
        // Where there is a picture, software draws it, on the cores that the server has to share.
        (options.viewport.width, options.viewport.height) = (640, 400);
        // Firefox rounds its clocks to a millisecond for privacy.
        let exact_clocks = ("privacy.reduceTimerPrecision".to_owned(), false.into());
        options.preferences.extend([exact_clocks]);
        Ok(Self {
            browser: Browser::launch(options, lab)?,
            origin: origin.to_owned(),
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
        self.visit("/healthz")
    }

    /// A visitor on the game's own page, at its start screen.
    ///
    /// # Errors
    /// When the page doesn't load.
    pub fn new_visitor_of_game(&self) -> Result<Visitor, BrowserError> {
        self.visit("/")
    }

    fn visit(&self, path: &str) -> Result<Visitor, BrowserError> {
        let page = self.browser.new_page()?;
        let visitor = Visitor {
            page,
            origin: self.origin.clone(),
        };
        visitor.page.goto(&format!("{}{path}", self.origin))?;
        Ok(visitor)
    }
}

/// A page with the SDK in it.
#[derive(Debug)]
pub struct Visitor {
    page: Page,
    origin: String,
}

impl Visitor {
    /// Joins on `rung` and plays on until the page closes.
    ///
    /// # Errors
    /// When the join fails or takes longer than 30 s.
    pub fn play(&self, rung: Rung, name: &str, room: &str) -> Result<(), BrowserError> {
        let request = json!({ "rung": rung, "name": name, "room": room });
        self.page
            .evaluate::<u32>(&format!("sdkUnderTest.play({request})"))
            .map(drop)
    }

    /// Opens a client on `rung`, or on the ladder, as a page does when it is loaded. `sockets` is how many WebSockets
    /// it may have at once, if not as many as usual.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn prepare(&self, rung: Option<Rung>, sockets: Option<u32>) -> Result<u32, BrowserError> {
        let request = json!({ "rung": rung, "sockets": sockets });
        self.page
            .evaluate(&format!("sdkUnderTest.prepare({request})"))
    }

    /// Loads the client of the Socket.IO server at `origin`, for [`Visitor::prepare_on_socket_io`].
    ///
    /// # Errors
    /// When there is none, or the page is gone.
    pub fn load_socket_io(&self, origin: &str) -> Result<(), BrowserError> {
        let origin = json!(origin);
        self.page
            .evaluate::<bool>(&format!("sdkUnderTest.loadSocketIo({origin})"))
            .map(drop)
    }

    /// As [`Visitor::prepare`], with one connection to the Socket.IO server at `origin` in the place of WebSockets.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn prepare_on_socket_io(&self, origin: &str) -> Result<u32, BrowserError> {
        let request = json!({ "rung": Rung::WebSocket, "sockets": 1, "socketIo": origin });
        self.page
            .evaluate(&format!("sdkUnderTest.prepare({request})"))
    }

    /// Loads the game's own page again, which joins and steers by itself. It is a client of this page then.
    ///
    /// # Errors
    /// When the page doesn't load within 30 s.
    pub fn autoplay(&self, rung: Option<Rung>, name: &str, room: &str) -> Result<(), BrowserError> {
        let rung = rung.map_or(String::new(), |rung| format!("&rung={}", rung.name()));
        let query = format!("autoplay=1&name={name}&room={room}{rung}");
        self.page.goto(&format!("{}/?{query}", self.origin))?;
        self.page.evaluate("sdkUnderTest.watchPage() ?? null")
    }

    /// Lets a client that was opened before join, and doesn't wait for it.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn click(&self, client: u32, name: &str, room: &str) -> Result<(), BrowserError> {
        let request = json!({ "name": name, "room": room });
        self.page
            .evaluate(&format!("sdkUnderTest.click({client}, {request}) ?? null"))
    }

    /// Waits until every player of the page plays, or never will.
    ///
    /// # Errors
    /// When that takes longer than `limit`, or the page is gone.
    pub fn wait_until_settled(&self, limit: Duration) -> Result<(), BrowserError> {
        self.page.wait_for("sdkUnderTest.isSettled()", limit)
    }

    /// What the players have noted up to now.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn notes(&self) -> Result<Notes, BrowserError> {
        self.page.evaluate("sdkUnderTest.notes()")
    }

    /// What each player's client has said up to now.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn journals(&self) -> Result<Vec<Vec<JournalEntry>>, BrowserError> {
        self.page.evaluate("sdkUnderTest.journals()")
    }

    /// A look at the page's clock.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn clock(&self) -> Result<PageClock, BrowserError> {
        self.page.evaluate("sdkUnderTest.clockOffset()")
    }

    /// What the network did to the first player, as [`crate::trace`] reads it; `None` without a player that records.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn recording(&self) -> Result<Option<String>, BrowserError> {
        self.page.evaluate("sdkUnderTest.recording()")
    }

    /// Every player gives its seat up.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn leave(&self) -> Result<(), BrowserError> {
        self.page.evaluate("sdkUnderTest.leave() ?? null")
    }

    /// What the page wrote to its console since the last call.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn console(&self) -> Result<Vec<ConsoleLine>, BrowserError> {
        self.page.console()
    }

    /// From now on [`Visitor::figures`] tell what was felt since.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn begin(&self) -> Result<(), BrowserError> {
        self.page.evaluate("sdkUnderTest.begin() ?? null")
    }

    /// The SDK's own figures of each player in this page.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn figures(&self) -> Result<Vec<crate::game_page::Stats>, BrowserError> {
        self.page.evaluate("sdkUnderTest.figures()")
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
        self.page
            .evaluate(&format!("sdkUnderTest.joinAndLeave({request})"))
    }

    /// Evaluates an expression, in which `sdkUnderTest` is what `browser/sdk/entry.mjs` exports.
    ///
    /// # Errors
    /// When it throws, takes longer than 30 s, or its value isn't a `T`.
    pub fn evaluate<T: DeserializeOwned>(&self, expression: &str) -> Result<T, BrowserError> {
        self.page.evaluate(expression)
    }

    /// Closes the page, and its connections with it.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn close(self) -> Result<(), BrowserError> {
        self.page.close()
    }
}
