//! One page of a browser: where it goes, what it says and what a person does to it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{BrowserError, Shared, Viewport, shaped};

/// How long an operation that waits for nothing in particular may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much longer the driver may take to say that something took too long.
const GRACE: Duration = Duration::from_secs(5);

/// One page. It closes with the browser; [`Page::close`] does it earlier.
#[derive(Debug)]
pub struct Page {
    shared: Arc<Shared>,
    number: u64,
}

/// What a page wrote to its console, or an error that nobody caught.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ConsoleLine {
    /// `log`, `warn`, `error` and so on; `pageerror` for an uncaught error, `crash` for a dead page.
    pub kind: String,
    /// What it says.
    pub text: String,
}

/// What a mouse does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// Goes there.
    Move,
    /// Goes there and presses its left button.
    Down,
    /// Goes there and lets go.
    Up,
    /// Presses and lets go there.
    Click,
}

/// What one finger does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finger {
    /// Touches there.
    Start,
    /// Goes on to there.
    Move,
    /// Lifts, wherever it is.
    End,
    /// Touches and lifts there.
    Tap,
}

/// What hands do on a keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Presses a key, named as in `KeyboardEvent.key`, and holds it.
    Down,
    /// Lets it go.
    Up,
    /// Presses it and lets it go.
    Press,
    /// Types a whole text.
    Type,
}

impl Page {
    pub(super) fn open(shared: &Arc<Shared>, request: Value) -> Result<Self, BrowserError> {
        let number = shared.driver.ask("newPage", request, PATIENCE)?;
        Ok(Self {
            shared: Arc::clone(shared),
            number: shaped("newPage", number)?,
        })
    }

    /// One more tab in this page's window, with the same storage: it hides this page.
    ///
    /// # Errors
    /// When the browser says no or is gone.
    pub fn new_sibling(&self) -> Result<Page, BrowserError> {
        Self::open(&self.shared, json!({ "sibling": self.number }))
    }

    /// Goes to `url` and waits for its `load` event.
    ///
    /// # Errors
    /// When the page can't be reached or doesn't load within 30 s.
    pub fn goto(&self, url: &str) -> Result<(), BrowserError> {
        let request = json!({ "url": url, "timeoutMs": PATIENCE.as_millis() as u64 });
        self.ask_within("goto", request, PATIENCE + GRACE).map(drop)
    }

    /// The value of a JavaScript expression, awaited when it is a promise; `undefined` is null.
    ///
    /// # Errors
    /// When it throws, takes longer than 30 s, or its value isn't a `T`.
    pub fn evaluate<T: DeserializeOwned>(&self, expression: &str) -> Result<T, BrowserError> {
        let value = self.ask("evaluate", json!({ "expression": expression }))?;
        shaped("evaluate", value)
    }

    /// Waits until a JavaScript expression is truthy, across navigations; one that throws isn't yet.
    ///
    /// # Errors
    /// [`BrowserError::Timeout`] with what it was at last.
    pub fn wait_for(&self, expression: &str, timeout: Duration) -> Result<(), BrowserError> {
        let request = json!({ "expression": expression, "timeoutMs": timeout.as_millis() as u64 });
        self.ask_within("waitFor", request, timeout + GRACE)
            .map(drop)
    }

    /// Writes what the page shows to `path`, as PNG.
    ///
    /// # Errors
    /// When it can't be drawn or written.
    pub fn screenshot(&self, path: &Path) -> Result<(), BrowserError> {
        // The driver may have another working folder.
        let path = std::path::absolute(path).map_err(|error| BrowserError::Failed {
            operation: "screenshot",
            message: error.to_string(),
        })?;
        self.ask("screenshot", json!({ "path": path })).map(drop)
    }

    /// Changes the view.
    ///
    /// # Errors
    /// When the browser says no or is gone.
    pub fn set_viewport(&self, viewport: Viewport) -> Result<(), BrowserError> {
        self.ask("setViewport", json!({ "viewport": viewport }))
            .map(drop)
    }

    /// Shows this page in its window, and hides its siblings.
    ///
    /// # Errors
    /// When the browser says no or is gone.
    pub fn bring_to_front(&self) -> Result<(), BrowserError> {
        self.ask("bringToFront", json!({})).map(drop)
    }

    /// What the page wrote to its console since the last call, oldest first; the newest 5,000 lines are kept.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn console(&self) -> Result<Vec<ConsoleLine>, BrowserError> {
        let mut taken = self.ask("console", json!({}))?;
        shaped("console", taken["lines"].take())
    }

    /// Moves or presses the mouse at `(x, y)`, in CSS pixels.
    ///
    /// # Errors
    /// When the browser says no or is gone.
    pub fn mouse(&self, action: Mouse, x: f64, y: f64) -> Result<(), BrowserError> {
        let action = match action {
            Mouse::Move => "move",
            Mouse::Down => "down",
            Mouse::Up => "up",
            Mouse::Click => "click",
        };
        self.ask("mouse", json!({ "action": action, "x": x, "y": y }))
            .map(drop)
    }

    /// Moves one finger at `(x, y)`, in CSS pixels.
    ///
    /// # Errors
    /// When the browser says no or is gone.
    pub fn touch(&self, action: Finger, x: f64, y: f64) -> Result<(), BrowserError> {
        let action = match action {
            Finger::Start => "start",
            Finger::Move => "move",
            Finger::End => "end",
            Finger::Tap => "tap",
        };
        self.ask("touch", json!({ "action": action, "x": x, "y": y }))
            .map(drop)
    }

    /// Presses `key`, or types it as a text.
    ///
    /// # Errors
    /// When the browser knows no such key or is gone.
    pub fn keyboard(&self, action: Key, key: &str) -> Result<(), BrowserError> {
        let action = match action {
            Key::Down => "down",
            Key::Up => "up",
            Key::Press => "press",
            Key::Type => "type",
        };
        self.ask("keyboard", json!({ "action": action, "key": key }))
            .map(drop)
    }

    /// Closes the page.
    ///
    /// # Errors
    /// When the browser is gone.
    pub fn close(self) -> Result<(), BrowserError> {
        self.ask("closePage", json!({})).map(drop)
    }

    fn ask(&self, operation: &'static str, request: Value) -> Result<Value, BrowserError> {
        self.ask_within(operation, request, PATIENCE)
    }

    fn ask_within(
        &self,
        operation: &'static str,
        mut request: Value,
        limit: Duration,
    ) -> Result<Value, BrowserError> {
        request["page"] = json!(self.number);
        self.shared.driver.ask(operation, request, limit)
    }
}
