//! Whoever plays the runs of one kind: a browser is launched once for many runs, and anew after one has failed.

use super::crowd::{BrowserCrowd, Crowd, CrowdError, NativeCrowd};
use super::error::CampaignError;
use super::ground::Ground;
use super::plan::{Plan, PlayerKind};
use crate::browser::{BrowserKind, check_packages};
use crate::sdk_page::{BundleError, SdkBrowser};
use crate::socket_io::{SocketIoError, SocketIoServer};
use crate::transport_under_test::TransportUnderTest;

/// Brings the players of each run.
pub(super) struct Stage<'a> {
    ground: &'a Ground,
    player: PlayerKind,
    has_picture: bool,
    browser: Option<SdkBrowser>,
    socket_io: Option<SocketIoServer>,
}

impl<'a> Stage<'a> {
    /// Launches what is needed.
    pub(super) fn new(
        ground: &'a Ground,
        player: PlayerKind,
        plan: &Plan,
    ) -> Result<Self, CampaignError> {
        let mut stage = Self {
            ground,
            player,
            has_picture: plan.has_picture,
            browser: None,
            socket_io: None,
        };
        if let PlayerKind::Browser(kind) = player {
            stage.browser = Some(stage.launch(kind)?);
        }
        if plan
            .steps_of(player)
            .any(|step| step.way == TransportUnderTest::SocketIo)
        {
            stage.socket_io_origin()?;
        }
        Ok(stage)
    }

    /// So many players, who are there and haven't clicked yet.
    pub(super) fn crowd(
        &mut self,
        way: TransportUnderTest,
        size: usize,
    ) -> Result<Box<dyn Crowd + 'a>, CrowdError> {
        let PlayerKind::Browser(kind) = self.player else {
            let crowd = NativeCrowd::come(self.ground, way, size);
            let crowd =
                crowd.ok_or_else(|| CrowdError::new(format!("no native player has {way}")))?;
            return Ok(Box::new(crowd));
        };
        let words = |error: SocketIoError| CrowdError::new(error.to_string());
        let socket_io = match way {
            TransportUnderTest::SocketIo => Some(self.socket_io_origin().map_err(words)?),
            _ => None,
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
            socket_io,
        )?))
    }

    /// The next players come fresh: something has gone wrong with these.
    pub(super) fn renew(&mut self) {
        self.browser = None;
        self.socket_io = None;
    }

    /// Where the Socket.IO server is for pages; starts it if it doesn't run.
    fn socket_io_origin(&mut self) -> Result<String, SocketIoError> {
        let server = match self.socket_io.take() {
            Some(server) => server,
            None => SocketIoServer::start(self.ground.lab(), self.ground.server_from_within())?,
        };
        Ok(self.socket_io.insert(server).origin().to_owned())
    }

    fn launch(&self, kind: BrowserKind) -> Result<SdkBrowser, BundleError> {
        check_packages()?;
        SdkBrowser::launch_for(kind, &self.ground.origin(), self.ground.lab())
    }
}
