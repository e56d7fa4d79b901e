//! Real browsers for tests: Chromium and Firefox through a small Node.js driver, on this host or on the lab's client.
//! Synchronous; it knows nothing of the game.
//!
//! ```no_run
//! use tests::browser::{Browser, BrowserKind, BrowserOptions};
//!
//! let browser = Browser::launch(BrowserOptions::new(BrowserKind::Chromium), None)?;
//! let page = browser.new_page()?;
//! page.goto("http://localhost:8080/")?;
//! let title: String = page.evaluate("document.title")?;
//! # Ok::<(), tests::browser::BrowserError>(())
//! ```

mod driver;
mod error;
mod options;
mod packages;
mod page;

use std::sync::Arc;
use std::time::Duration;

use driver::Driver;
pub use error::BrowserError;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
pub use options::{BrowserKind, BrowserOptions, Viewport};
pub use packages::check_packages;
pub use page::{ConsoleLine, Finger, Key, Mouse, Page};
use serde::Deserialize;

use crate::lab::Lab;

/// A running browser. It ends, with its processes and profile, when this and all its pages are dropped.
#[derive(Debug)]
pub struct Browser {
    shared: Arc<Shared>,
    kind: BrowserKind,
    version: String,
}

#[derive(Debug)]
struct Shared {
    // Fields drop in this order: the driver closes the browser properly, and what is left of it is killed.
    driver: Driver,
    _group: Option<Group>,
}

#[derive(Deserialize)]
struct Launched {
    version: String,
    pid: Option<i32>,
}

impl Browser {
    /// Launches a browser with a fresh profile; on the lab's client host when there is a lab.
    ///
    /// # Errors
    /// When Node.js, the driver's packages, the browser or Firefox's display server is missing
    /// ([`BrowserError::is_missing`]), or the browser doesn't start within a minute.
    pub fn launch(options: BrowserOptions, lab: Option<&Lab>) -> Result<Self, BrowserError> {
        let request = options.to_request()?;
        let driver = Driver::start(lab)?;
        let answer = driver.ask("launch", request, Duration::from_secs(60))?;
        let launched: Launched = shaped("launch", answer)?;
        let shared = Shared {
            _group: launched.pid.map(Group),
            driver,
        };
        Ok(Self {
            shared: Arc::new(shared),
            kind: options.kind,
            version: launched.version,
        })
    }

    /// Which it is.
    pub fn kind(&self) -> BrowserKind {
        self.kind
    }

    /// What it calls itself, for example `Chrome/156.0.8078.79`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// A page with a window and storage of its own: it stays visible, and draws, beside others.
    ///
    /// # Errors
    /// When the browser says no or is gone.
    pub fn new_page(&self) -> Result<Page, BrowserError> {
        Page::open(&self.shared, serde_json::json!({}))
    }
}

/// The processes of a browser, killed on drop.
#[derive(Debug)]
struct Group(i32);

impl Drop for Group {
    fn drop(&mut self) {
        let _ = killpg(Pid::from_raw(self.0), Signal::SIGKILL);
    }
}

fn shaped<T: serde::de::DeserializeOwned>(
    operation: &'static str,
    value: serde_json::Value,
) -> Result<T, BrowserError> {
    T::deserialize(&value).map_err(|source| BrowserError::Shape {
        operation,
        value: value.to_string(),
        source,
    })
}
