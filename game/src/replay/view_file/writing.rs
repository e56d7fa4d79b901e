//! Plays a recording again and writes down what there is to see.

use crate::BattleCircles;
use crate::digest::digest;
use crate::replay::Recording;
use crate::visibility;
use crate::wire::{Baseline, GameEvent, encode_delta};
use protocol::bounded::BoundedString;
use protocol::codec::encode_into;
use protocol::ids::RoomId;
use protocol::seat::Seat;
use protocol::tick::Tick;
use server::game::{Command, Game};

use super::{Header, MAGIC, Record, VERSION};

/// Frames a second, where the tick rate can be divided by it.
const FRAME_RATE: u32 = 20;

/// Seconds between keyframes.
const KEY_SECONDS: u32 = 5;

impl Recording {
    /// The match as a view file; `room` is where it was played, if that is known.
    #[must_use]
    pub fn to_view_file(&self, room: Option<&RoomId>) -> Vec<u8> {
        let rate = self.rules().tick_rate();
        let interval = (rate / FRAME_RATE).max(1);
        let mut replay = self.replay();
        let header = Header {
            room: room
                .and_then(|room| BoundedString::new(room.as_str()))
                .unwrap_or_default(),
            tick_rate: rate as u16,
            interval: interval as u16,
            wall: self.rules().movement().wall,
            start: replay.tick(),
            ticks: self.ticks(),
        };
        let mut writer = FrameWriter::new(&header);
        let start = replay.tick();
        let known = replay.game().catch_up(Seat(0));
        writer.events = known.into_iter().map(|event| (start, event)).collect();
        writer.write(start, replay.game());
        while let Some(commands) = replay.step() {
            writer.events.extend(commands.into_iter().filter_map(told));
            let made = replay.tick().0 - start.0;
            if made.is_multiple_of(interval) || made == self.ticks() {
                writer.write(replay.tick(), replay.game());
            }
        }
        writer.finish()
    }
}

struct FrameWriter {
    out: Vec<u8>,
    frames: u32,
    frames_per_key: u32,
    newest: Option<Tick>,
    baseline: Baseline,
    /// Since the newest frame.
    events: Vec<(Tick, GameEvent)>,
}

impl FrameWriter {
    fn new(header: &Header) -> Self {
        let mut out = [&MAGIC[..], &VERSION.to_le_bytes()].concat();
        encode_into(header, &mut out);
        Self {
            out,
            frames: 0,
            frames_per_key: (KEY_SECONDS * u32::from(header.tick_rate))
                .div_ceil(u32::from(header.interval)),
            newest: None,
            baseline: Baseline::default(),
            events: Vec::new(),
        }
    }

    fn write(&mut self, tick: Tick, game: &BattleCircles) {
        let age = tick.0 - self.newest.unwrap_or(tick).0;
        let is_key = self.frames.is_multiple_of(self.frames_per_key);
        // Against the empty view nothing is foreseen.
        let foreseen_for = if is_key { 0 } else { age as u16 };
        if is_key {
            self.baseline = Baseline::default();
        }
        let view = visibility::everything(&game.arena);
        let mut delta = Vec::new();
        encode_delta(&self.baseline, &view, foreseen_for, &mut delta);
        let ago = |(happened, event): (Tick, GameEvent)| ((tick.0 - happened.0) as u16, event);
        let record = Record {
            age: age as u16,
            is_key,
            events: self.events.drain(..).map(ago).collect(),
            delta: &delta,
        };
        encode_into(&record, &mut self.out);
        self.baseline = self.baseline.followed_by(view, foreseen_for);
        self.newest = Some(tick);
        self.frames += 1;
    }

    fn finish(mut self) -> Vec<u8> {
        let sum = digest(&self.out) as u32;
        self.out.extend(sum.to_le_bytes());
        self.out
    }
}

/// What players were told, and when it happened.
fn told(command: Command<GameEvent>) -> Option<(Tick, GameEvent)> {
    match command {
        Command::Tell { tick, event, .. } => Some((tick, event)),
        Command::Kick { .. } | Command::Finish(_) | Command::EndRoom => None,
    }
}
