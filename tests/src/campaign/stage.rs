//! Whoever plays the runs of one kind: a browser is launched once for many runs, and anew after one has failed.

use super::crowd::{BrowserCrowd, Crowd, CrowdError, NativeCrowd};
use super::error::CampaignError;
use super::ground::Ground;
use super::plan::PlayerKind;
use crate::browser::BrowserKind;
use crate::sdk_page::{BundleError, SdkBrowser};
use crate::way::Way;

/// Brings the players of each run.
pub(super) struct Stage<'a> {
    ground: &'a Ground,
    player: PlayerKind,
    has_picture: bool,
    browser: Option<SdkBrowser>,
}

impl<'a> Stage<'a> {
    /// Launches what is needed.
    pub(super) fn new(
        ground: &'a Ground,
        player: PlayerKind,
        has_picture: bool,
    ) -> Result<Self, CampaignError> {
        let mut stage = Self {
            ground,
            player,
            has_picture,
            browser: None,
        };
        if let PlayerKind::Browser(kind) = player {
            stage.browser = Some(stage.launch(kind)?);
        }
        Ok(stage)
    }

    /// So many players, who are there and haven't clicked yet.
    pub(super) fn crowd(
        &mut self,
        way: Way,
        size: usize,
    ) -> Result<Box<dyn Crowd + 'a>, CrowdError> {
        let PlayerKind::Browser(kind) = self.player else {
            let crowd = NativeCrowd::come(self.ground, way, size);
            let crowd =
                crowd.ok_or_else(|| CrowdError::new(format!("no native player has {way}")))?;
            return Ok(Box::new(crowd));
        };
        let browser = match self.browser.take() {
            Some(browser) => browser,
            None => self
                .launch(kind)
                .map_err(|error| CrowdError::new(error.to_string()))?,
        };
        let browser = self.browser.insert(browser);
        Ok(Box::new(BrowserCrowd::come(
            browser,
            way,
            size,
            self.has_picture,
        )?))
    }

    /// The next players come fresh: something has gone wrong with these.
    pub(super) fn renew(&mut self) {
        self.browser = None;
    }

    fn launch(&self, kind: BrowserKind) -> Result<SdkBrowser, BundleError> {
        SdkBrowser::launch_for(kind, &self.ground.origin(), self.ground.lab())
    }
}
