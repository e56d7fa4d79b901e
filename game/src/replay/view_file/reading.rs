//! View files as they are read, wherever they have been.

use core::fmt;

use crate::digest::digest;
use crate::wire::{Baseline, DeltaError, GameEvent, View, decode_delta};
use protocol::codec::{DecodeError, decode_prefix};
use protocol::ids::RoomId;
use protocol::tick::Tick;
use thiserror::Error;

use super::{Header, MAGIC, MAX_TICKS, MAX_VIEW_FILE, Record, VERSION};

/// Why bytes are no view file that this program reads.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ViewFileError {
    /// It doesn't begin as one does.
    #[error("this is no view file of a match")]
    Foreign,
    /// Of another version of the format.
    #[error("the view file is of version {0}, and this program reads version {VERSION}")]
    Version(u16),
    /// Cut off, or changed since it was made.
    #[error("the view file is damaged")]
    Damaged,
    /// Undamaged, but no frame of a match.
    #[error("the view file is malformed: {0}")]
    Malformed(#[from] DecodeError),
    /// Undamaged, but its circles or knibbles follow from nothing.
    #[error("the view file has an impossible frame: {0}")]
    Delta(#[from] DeltaError),
    /// A number that no match has.
    #[error("the view file has {0} that no match has")]
    Impossible(&'static str),
}

/// A view file whose header and digest are right; its frames are read one by one.
#[derive(Clone)]
pub struct ViewFile<'a> {
    header: Header,
    frames: &'a [u8],
}

/// What there is at one tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// When.
    pub tick: Tick,
    /// All circles and knibbles; nobody's own circle.
    pub view: View,
    /// What has happened since the frame before, and when.
    pub events: Vec<(Tick, GameEvent)>,
    /// Whether one can begin to read here.
    pub is_key: bool,
}

impl<'a> ViewFile<'a> {
    /// Reads the head.
    ///
    /// # Errors
    /// [`ViewFileError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ViewFileError> {
        let rest = bytes.strip_prefix(&MAGIC);
        let rest = rest.ok_or(ViewFileError::Foreign)?;
        let (version, rest) = rest
            .split_first_chunk::<2>()
            .ok_or(ViewFileError::Damaged)?;
        let version = u16::from_le_bytes(*version);
        if version != VERSION {
            return Err(ViewFileError::Version(version));
        }
        let (body, sum) = rest.split_last_chunk::<4>().ok_or(ViewFileError::Damaged)?;
        let covered = &bytes[..bytes.len() - sum.len()];
        if bytes.len() > MAX_VIEW_FILE || u32::from_le_bytes(*sum) != digest(covered) as u32 {
            return Err(ViewFileError::Damaged);
        }
        let (header, frames) = decode_prefix::<Header>(body, MAX_VIEW_FILE)?;
        if !header.is_possible() {
            return Err(ViewFileError::Impossible("a header"));
        }
        Ok(Self { header, frames })
    }

    /// Where the match was played, if that is known.
    #[must_use]
    pub fn room(&self) -> Option<RoomId> {
        RoomId::parse(&self.header.room)
    }

    /// Ticks from the first frame to the last.
    #[must_use]
    pub fn ticks(&self) -> u32 {
        self.header.ticks
    }

    /// The frames, from the first one on; nothing follows a fault.
    #[must_use]
    pub fn frames(&self) -> Frames<'a> {
        Frames {
            header: self.header.clone(),
            rest: self.frames,
            newest: None,
            baseline: Baseline::default(),
            is_over: false,
        }
    }
}

impl Header {
    fn is_possible(&self) -> bool {
        (5..=240).contains(&self.tick_rate)
            && (1..=self.tick_rate).contains(&self.interval)
            && (self.room.is_empty() || RoomId::parse(&self.room).is_some())
            && self.ticks <= MAX_TICKS
            && self.start.0.checked_add(self.ticks).is_some()
    }

    fn end(&self) -> Tick {
        self.start.plus(self.ticks)
    }
}

/// Reads frames as they are asked for.
pub struct Frames<'a> {
    header: Header,
    rest: &'a [u8],
    newest: Option<Tick>,
    baseline: Baseline,
    is_over: bool,
}

impl Iterator for Frames<'_> {
    type Item = Result<Frame, ViewFileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        if self.rest.is_empty() {
            self.is_over = true;
            let is_whole = self.newest == Some(self.header.end());
            return (!is_whole).then_some(Err(ViewFileError::Impossible("another end")));
        }
        let frame = self.read();
        self.is_over = frame.is_err();
        Some(frame)
    }
}

impl Frames<'_> {
    fn read(&mut self) -> Result<Frame, ViewFileError> {
        let (record, rest) = decode_prefix::<Record<'_>>(self.rest, MAX_VIEW_FILE)?;
        let tick = self.tick_of(&record)?;
        let foreseen_for = if record.is_key { 0 } else { record.age };
        if record.is_key {
            self.baseline = Baseline::default();
        }
        self.baseline = decode_delta(&self.baseline, foreseen_for, record.delta)?;
        if self.baseline.view().own.is_some() {
            return Err(ViewFileError::Impossible("an own circle"));
        }
        self.rest = rest;
        self.newest = Some(tick);
        Ok(Frame {
            tick,
            view: self.baseline.view().clone(),
            is_key: record.is_key,
            events: record
                .events
                .into_vec()
                .into_iter()
                .map(|(ago, event)| (tick.minus(ago.into()), event))
                .collect(),
        })
    }

    fn tick_of(&self, record: &Record<'_>) -> Result<Tick, ViewFileError> {
        let is_timely = |(ago, _): &(u16, GameEvent)| *ago <= record.age;
        if !record.events.iter().all(is_timely) {
            return Err(ViewFileError::Impossible("an event before its time"));
        }
        let Some(newest) = self.newest else {
            let is_first = record.age == 0 && record.is_key;
            return is_first
                .then_some(self.header.start)
                .ok_or(ViewFileError::Impossible("a first frame"));
        };
        let tick = newest.plus(record.age.into());
        let is_next = (1..=self.header.interval).contains(&record.age) && tick <= self.header.end();
        is_next
            .then_some(tick)
            .ok_or(ViewFileError::Impossible("a frame at a time"))
    }
}

impl fmt::Debug for ViewFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewFile")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Frames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames")
            .field("newest", &self.newest)
            .finish_non_exhaustive()
    }
}
