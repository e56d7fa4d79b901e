//! A server, browsers and perhaps a lossy path between them, set up in one call for tests that need all of them.

use crate::browser::{Browser, BrowserKind, BrowserOptions};
use crate::lab::Lab;
use crate::path::PathConfig;
use crate::prerequisites::available;
use crate::server_process::{ServerOptions, ServerProcess};

/// A running server, here or at one end of a lab.
#[derive(Debug)]
pub struct Playground {
    /// The server under test.
    pub server: ServerProcess,
    /// The path to it, unless it is on this host.
    pub lab: Option<Lab>,
}

impl Playground {
    /// A server on this host. `None` on a machine that lacks something, which is said aloud.
    ///
    /// # Panics
    /// When the server doesn't start, or something is missing under `CI=true`.
    pub fn here() -> Option<Self> {
        let server = available(ServerProcess::start(ServerOptions::default(), None))?;
        Some(Self { server, lab: None })
    }

    /// A server across a path that is the same both ways. `None` on a machine that lacks something.
    ///
    /// # Panics
    /// As [`Playground::here`], or when the lab can't be set up.
    pub fn across(path: &PathConfig, seed: u64) -> Option<Self> {
        let lab = available(Lab::new(path.clone(), path.clone(), seed))?;
        let server = available(ServerProcess::start(ServerOptions::default(), Some(&lab)))?;
        Some(Self {
            server,
            lab: Some(lab),
        })
    }

    /// A browser on the client's side that takes the server's origin for secure. `None` on a machine that lacks it.
    ///
    /// # Panics
    /// When it doesn't start, or is missing under `CI=true`.
    pub fn browser(&self, options: BrowserOptions) -> Option<Browser> {
        let options = BrowserOptions {
            secure_origins: match self.lab {
                Some(_) => vec![self.server.origin()],
                None => Vec::new(),
            },
            ..options
        };
        available(Browser::launch(options, self.lab.as_ref()))
    }

    /// As [`Playground::browser`], as it comes and with a small view: software draws it, on the cores that the server
    /// has to share.
    ///
    /// # Panics
    /// As [`Playground::browser`].
    pub fn small_browser(&self, kind: BrowserKind) -> Option<Browser> {
        self.browser(small(kind))
    }
}

/// A browser with a small view.
pub fn small(kind: BrowserKind) -> BrowserOptions {
    let mut options = BrowserOptions::new(kind);
    (options.viewport.width, options.viewport.height) = (640, 400);
    options
}
