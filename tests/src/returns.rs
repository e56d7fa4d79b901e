//! Players in pages who lose their server and come back: what each has seen since, told by its journal.

use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::sdk_page::{Arrival, JournalEntry, SdkBrowser, Visitor};
use protocol::rung::Rung;

/// A player on each of these in each page.
const RUNGS: [Rung; 3] = [Rung::WebTransport, Rung::WebRtc, Rung::WebSocket];

/// How long anybody may take to come back.
const LIMIT: Duration = Duration::from_secs(20);

/// Which room the player of a page and rung is in.
pub type RoomOf = fn(usize, Rung) -> String;

/// Has so many pages play, each with a player on each rung.
///
/// # Panics
/// One can't come in.
#[must_use]
pub fn enter(browser: &SdkBrowser, pages: usize, room_of: RoomOf) -> Vec<Visitor> {
    (0..pages)
        .map(|page| {
            let visitor = browser.new_visitor().unwrap();
            for rung in RUNGS {
                let room = room_of(page, rung);
                visitor.play(rung, rung.name(), &room).unwrap();
            }
            visitor
        })
        .collect()
}

/// Each player's journal from a moment on, in milliseconds since 1970, with its room.
///
/// # Panics
/// A page is gone.
#[must_use]
pub fn journals(
    visitors: &[Visitor],
    room_of: RoomOf,
    since: f64,
) -> Vec<(String, Vec<JournalEntry>)> {
    let mut all = Vec::new();
    for (page, visitor) in visitors.iter().enumerate() {
        for (journal, rung) in visitor.journals().unwrap().into_iter().zip(RUNGS) {
            let later = journal.into_iter().filter(|entry| entry.at >= since);
            all.push((room_of(page, rung), later.collect()));
        }
    }
    all
}

fn is_welcome(entry: &JournalEntry) -> bool {
    entry.said.starts_with("welcome")
}

/// When a player was welcome again.
#[must_use]
pub fn welcomed(journal: &[JournalEntry]) -> Option<&JournalEntry> {
    journal.iter().find(|entry| is_welcome(entry))
}

/// Whether a player has been welcome again, and plays.
fn is_back(journal: &[JournalEntry]) -> bool {
    let mut states = journal.iter().filter(|entry| !is_welcome(entry));
    let last = states.next_back().map(|entry| entry.said.as_str());
    welcomed(journal).is_some() && last == Some("playing")
}

/// Waits until all have come back since a moment, of those in rooms that `concerns`; gives their journals.
///
/// # Errors
/// Those of whoever hasn't, in time.
///
/// # Panics
/// A page is gone.
pub fn wait_until_those_back(
    visitors: &[Visitor],
    room_of: RoomOf,
    since: f64,
    concerns: impl Fn(&str) -> bool,
) -> Result<Vec<(String, Vec<JournalEntry>)>, String> {
    let clock = Stopwatch::start();
    loop {
        let mut journals = journals(visitors, room_of, since);
        journals.retain(|(room, _)| concerns(room));
        let away = journals.iter().filter(|(_, journal)| !is_back(journal));
        let away: Vec<_> = away.collect();
        if away.is_empty() {
            return Ok(journals);
        }
        if clock.elapsed() > LIMIT {
            return Err(format!("not back: {away:?}"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// What a player saw of its room's move.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// The longest time between two snapshots, in milliseconds.
    pub gap_ms: f64,
    /// Ticks by which the room was behind what the player had seen before.
    pub lost_ticks: u32,
}

/// What players saw since a moment, of those in rooms that `concerns`, once they are back.
///
/// # Panics
/// A page is gone, or somebody has seen nothing.
#[must_use]
pub fn sights(
    visitors: &[Visitor],
    room_of: RoomOf,
    since: f64,
    concerns: impl Fn(&str) -> bool,
) -> Vec<Sight> {
    let mut sights = Vec::new();
    for (page, visitor) in visitors.iter().enumerate() {
        for (player, rung) in visitor.notes().unwrap().players.iter().zip(RUNGS) {
            if !concerns(&room_of(page, rung)) {
                continue;
            }
            let gap = |pair: &&[Arrival]| pair[1].at_ms - pair[0].at_ms;
            let pairs = player.arrivals.windows(2);
            let pairs = pairs.filter(|pair| pair[1].at_ms >= since);
            let longest = pairs.max_by(|one, other| gap(one).total_cmp(&gap(other)));
            let longest = longest.expect("it plays");
            sights.push(Sight {
                gap_ms: gap(&longest),
                lost_ticks: longest[0].tick.saturating_sub(longest[1].tick),
            });
        }
    }
    sights
}

/// As [`wait_until_those_back`], all.
///
/// # Errors
/// As there.
pub fn wait_until_back(
    visitors: &[Visitor],
    room_of: RoomOf,
    since: f64,
) -> Result<Vec<(String, Vec<JournalEntry>)>, String> {
    wait_until_those_back(visitors, room_of, since, |_| true)
}
