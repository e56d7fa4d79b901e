//! Hot paths, each for so many steps of always the same work.

mod lane;
mod room;

/// A hot path: what it is called, and how it is walked.
pub type HotPath = (&'static str, fn(steps: u32));

/// All of them.
pub const HOT_PATHS: [HotPath; 2] = [
    ("room_second", room::seconds),
    ("state_lane", lane::seconds),
];

/// The one of this name.
#[must_use]
pub fn hot_path(name: &str) -> Option<fn(u32)> {
    let found = HOT_PATHS.iter().find(|(other, _)| *other == name);
    found.map(|(_, walk)| *walk)
}
