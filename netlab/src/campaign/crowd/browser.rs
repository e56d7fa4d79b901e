//! Players in a browser, each in a page of its own: the game's, or one that draws nothing.

use std::time::Duration;

use super::super::feel::Felt;
use super::{Course, Crowd, CrowdError, PlayerRecord, at_once};
use crate::browser::BrowserError;
use crate::game_page::Stats;
use crate::report::Bytes;
use crate::sdk_page::{PageClock, SdkBrowser, Visitor};
use crate::transport_under_test::TransportUnderTest;

/// From the page's load to the click: a player types a name, and the page asks ahead for the rungs.
const TYPING: Duration = Duration::from_millis(500);

/// Pages that play.
pub(in super::super) struct BrowserCrowd {
    visitors: Vec<Visitor>,
    way: TransportUnderTest,
    has_picture: bool,
    /// The origin of the Socket.IO server that they play over, if they do.
    socket_io: Option<String>,
    before: Vec<(PageClock, Stats)>,
    after: Vec<Stats>,
}

impl BrowserCrowd {
    /// Loads so many pages: to be called while the path is good.
    pub(in super::super) fn come(
        browser: &SdkBrowser,
        way: TransportUnderTest,
        size: usize,
        has_picture: bool,
        socket_io: Option<String>,
    ) -> Result<Self, CrowdError> {
        let seats = vec![(); size];
        let come = |_, (): &()| {
            if has_picture {
                // The start screen first, so that all that is large is in the browser's cache.
                browser.new_visitor_of_game()
            } else {
                browser.new_visitor()
            }
        };
        let visitors = at_once(&seats, come)?;
        if let Some(origin) = &socket_io {
            at_once(&visitors, |_, page| page.load_socket_io(origin))?;
        }
        Ok(Self {
            visitors,
            way,
            has_picture,
            socket_io,
            before: Vec::new(),
            after: Vec::new(),
        })
    }
}

impl BrowserCrowd {
    fn click(&self, room: &str) -> Result<(), BrowserError> {
        let sockets = (self.way == TransportUnderTest::OneWebSocket).then_some(1);
        let rung = self.way.rung();
        let clients = at_once(&self.visitors, |_, page| match &self.socket_io {
            Some(origin) => page.prepare_on_socket_io(origin),
            None => page.prepare(rung, sockets),
        })?;
        std::thread::sleep(TYPING);
        at_once(&self.visitors, |number, page| {
            page.click(clients[number], &name(number), room)
        })?;
        Ok(())
    }

    fn open_games(&self, room: &str) -> Result<(), BrowserError> {
        at_once(&self.visitors, |number, page| {
            page.autoplay(self.way.rung(), &name(number), room)
        })?;
        Ok(())
    }
}

fn name(number: usize) -> String {
    format!("Player-{number}")
}

impl Crowd for BrowserCrowd {
    fn join(&mut self, room: &str, limit: Duration) -> Result<(), CrowdError> {
        if self.has_picture {
            self.open_games(room)?;
        } else {
            self.click(room)?;
        }
        at_once(&self.visitors, |_, page| {
            match page.wait_until_settled(limit) {
                // Who isn't in by now has got nothing so far: that is what is measured.
                Err(BrowserError::Timeout { .. }) => Ok(()),
                outcome => outcome,
            }
        })?;
        Ok(())
    }

    fn begin(&mut self) -> Result<(), CrowdError> {
        self.before = at_once(&self.visitors, |_, page| {
            page.begin()?;
            Ok::<_, BrowserError>((page.clock()?, stats(page)?))
        })?;
        Ok(())
    }

    fn end(&mut self) -> Result<(), CrowdError> {
        self.after = at_once(&self.visitors, |_, page| stats(page))?;
        Ok(())
    }

    fn tell(&mut self) -> Result<Vec<PlayerRecord>, CrowdError> {
        let notes = at_once(&self.visitors, |_, page| {
            let notes = page.notes()?;
            page.leave()?;
            Ok::<_, BrowserError>(notes)
        })?;
        let records = notes.into_iter().enumerate().map(|(number, notes)| {
            let Some(((clock, before), after)) =
                self.before.get(number).zip(self.after.get(number))
            else {
                return PlayerRecord::default();
            };
            let later = notes.clock;
            let mut player = notes.players.into_iter().next().unwrap_or_default();
            for arrival in &mut player.arrivals {
                arrival.at_ms = clock.wall_ms(later, arrival.at_ms);
            }
            let first_snapshot = after.time_to_first_snapshot;
            PlayerRecord {
                arrivals: player.arrivals,
                first_snapshot: (first_snapshot > 0.0).then_some(first_snapshot),
                course: Some(course(before, after)),
                felt: Felt::between(before, after),
                refusal: player.refusal,
            }
        });
        Ok(records.collect())
    }

    fn recording(&self) -> Result<Option<String>, CrowdError> {
        match self.visitors.first() {
            Some(page) => Ok(page.recording()?),
            None => Ok(None),
        }
    }

    fn last_words(&self) -> Vec<String> {
        let consoles = self.visitors.iter().flat_map(|page| page.console());
        let line = |(kind, text)| format!("{kind}: {text}");
        consoles
            .flatten()
            .map(|said| line((said.kind, said.text)))
            .collect()
    }
}

impl Drop for BrowserCrowd {
    fn drop(&mut self) {
        std::thread::scope(|scope| {
            for visitor in self.visitors.drain(..) {
                // A browser that is gone has closed its pages.
                scope.spawn(|| visitor.close());
            }
        });
    }
}

fn stats(page: &Visitor) -> Result<Stats, BrowserError> {
    let figures = page.figures()?;
    figures
        .into_iter()
        .next()
        .ok_or_else(|| BrowserError::Failed {
            operation: "figures",
            message: "the page has no player".to_owned(),
        })
}

fn course(before: &Stats, after: &Stats) -> Course {
    Course {
        rung_changes: after.rung_changes.saturating_sub(before.rung_changes),
        settled_on: after.rung,
        bytes: Bytes {
            down: after.bytes_in.saturating_sub(before.bytes_in),
            up: after.bytes_out.saturating_sub(before.bytes_out),
        },
        rtt: after.rtt,
        standstill: after.standstill - before.standstill,
    }
}
