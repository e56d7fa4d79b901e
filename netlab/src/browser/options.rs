//! Which browser to launch and how; finds its program on this machine.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Value, json};

use super::BrowserError;

/// A browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BrowserKind {
    /// Chromium, or Chrome, headless, with WebGL by SwiftShader.
    Chromium,
    /// Firefox, on a display server of its own (Xvfb), for without one it has no WebGL.
    Firefox,
}

/// How to launch a browser. Each launch has a fresh profile.
#[derive(Debug, Clone)]
pub struct BrowserOptions {
    /// Which.
    pub kind: BrowserKind,
    /// Its program. Default: found on the path.
    pub executable: Option<PathBuf>,
    /// More arguments for its command line.
    pub arguments: Vec<String>,
    /// Firefox's preferences; Chromium has none.
    pub preferences: BTreeMap<String, Value>,
    /// Origins, such as `http://10.77.0.1:8080`, to treat as secure though they aren't `https`: WebTransport needs
    /// it off loopback.
    pub secure_origins: Vec<String>,
    /// The view of each new page.
    pub viewport: Viewport,
    /// A script that runs in each new page before any of its own.
    pub init_script: Option<String>,
}

/// What a page sees of its screen, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Viewport {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// Device pixels per CSS pixel.
    pub device_scale_factor: f64,
    /// Whether there is a touch screen. Chromium only.
    pub has_touch: bool,
    /// Whether the page's viewport tag counts, as on a phone. Chromium only.
    pub is_mobile: bool,
}

impl BrowserOptions {
    /// A desktop browser as it comes.
    pub fn new(kind: BrowserKind) -> Self {
        Self {
            kind,
            executable: None,
            arguments: Vec::new(),
            preferences: BTreeMap::new(),
            secure_origins: Vec::new(),
            viewport: Viewport::DESKTOP,
            init_script: None,
        }
    }

    /// What the driver is told.
    pub(super) fn to_request(&self) -> Result<Value, BrowserError> {
        let mut arguments = self.arguments.clone();
        let mut preferences = self.preferences.clone();
        let origins = self.secure_origins.join(",");
        let (browser, display_server) = match self.kind {
            BrowserKind::Chromium => {
                if !origins.is_empty() {
                    arguments.push(format!(
                        "--unsafely-treat-insecure-origin-as-secure={origins}"
                    ));
                }
                ("chromium", None)
            }
            BrowserKind::Firefox => {
                if !origins.is_empty() {
                    preferences.insert(
                        "dom.securecontext.allowlist".into(),
                        hosts(&self.secure_origins).into(),
                    );
                }
                ("firefox", Some(find(&["Xvfb"], "xvfb")?))
            }
        };
        let executable = match &self.executable {
            Some(path) => path.clone(),
            None => self.kind.find()?,
        };
        Ok(json!({
            "browser": browser,
            "executable": executable,
            "arguments": arguments,
            "preferences": preferences,
            "displayServer": display_server,
            "viewport": self.viewport,
            "initScript": self.init_script,
        }))
    }
}

impl Viewport {
    /// 1280 × 800, a mouse.
    pub const DESKTOP: Self = Self {
        width: 1280,
        height: 800,
        device_scale_factor: 1.0,
        has_touch: false,
        is_mobile: false,
    };
    /// 390 × 844 at three pixels each, a touch screen.
    pub const PHONE: Self = Self {
        width: 390,
        height: 844,
        device_scale_factor: 3.0,
        has_touch: true,
        is_mobile: true,
    };
}

impl BrowserKind {
    /// Its name as the command line of tools has it: `chromium` or `firefox`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }

    fn find(self) -> Result<PathBuf, BrowserError> {
        match self {
            Self::Chromium => find(&["chromium", "google-chrome"], "chromium"),
            Self::Firefox => find(&["firefox-esr", "firefox"], "firefox-esr"),
        }
    }
}

/// The first of `programs` on the path; an error names the Debian `package` that brings the first.
pub(super) fn find(programs: &[&str], package: &'static str) -> Result<PathBuf, BrowserError> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).collect();
    programs
        .iter()
        .flat_map(|program| folders.iter().map(move |folder| folder.join(program)))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| BrowserError::Missing {
            program: programs.join(" or "),
            package,
        })
}

/// Firefox's list names hosts without scheme and port.
fn hosts(origins: &[String]) -> String {
    let host = |origin: &String| {
        let rest = origin
            .split_once("://")
            .map_or(origin.as_str(), |(_, rest)| rest);
        rest.rsplit_once(':')
            .map_or(rest, |(host, _)| host)
            .to_owned()
    };
    origins.iter().map(host).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_names_its_package() {
        let error = find(&["no-such-browser"], "chromium").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no-such-browser not found: install the Debian package chromium"
        );
        assert!(error.is_missing());
    }

    #[test]
    fn firefox_is_told_hosts_and_chromium_origins() {
        let origins = [
            "http://10.77.0.1:8080".to_owned(),
            "http://server".to_owned(),
        ];
        assert_eq!(hosts(&origins), "10.77.0.1,server");
    }
}
