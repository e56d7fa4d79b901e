//! What players do with their links in a run: from one link throughout to moves in mid-game.

use std::time::Duration;

use protocol::control::LinkUse;

use super::random_source::RandomSource;
use super::scenario::{Kind, Move};

/// How a player is linked in the course of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPlan {
    /// One datagram link throughout.
    Datagrams,
    /// One socket throughout.
    OneSocket,
    /// A bundle of three sockets throughout.
    Bundle,
    /// Two links at once throughout.
    Both,
    /// From a bundle to datagrams and back, the next link before the last is closed.
    Climb,
    /// Links are closed before the next is opened.
    Break,
    /// Sockets die, one by one.
    Cut,
    /// From one network to another; the page is hidden; somebody shows an old link's number.
    Wander,
}

const DATAGRAMS: Kind = Kind::Datagrams;
const BUNDLE: Kind = Kind::Streams(3);

impl LinkPlan {
    /// Every plan.
    pub const ALL: [Self; 8] = [
        Self::Datagrams,
        Self::OneSocket,
        Self::Bundle,
        Self::Both,
        Self::Climb,
        Self::Break,
        Self::Cut,
        Self::Wander,
    ];

    /// The moves of a run of this length, in order of time.
    pub(super) fn moves(
        self,
        length: Duration,
        random: &mut RandomSource,
    ) -> Vec<(Duration, Move)> {
        let start = random.between(0.0, 0.4);
        let length = length.as_secs_f64();
        let mut moves = match self {
            Self::Datagrams => vec![(start, open(DATAGRAMS))],
            Self::OneSocket => vec![(start, open(Kind::Streams(1)))],
            Self::Bundle => vec![(start, open(BUNDLE))],
            Self::Both => vec![(start, open(BUNDLE)), (start + 0.1, open(DATAGRAMS))],
            Self::Climb => climb(start, length, random),
            Self::Break => breaks(start, length, random),
            Self::Cut => cuts(start, length, random),
            Self::Wander => wander(start, length, random),
        };
        moves.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        moves
            .into_iter()
            .map(|(at, step)| (Duration::from_secs_f64(at), step))
            .collect()
    }

    /// What the player opens when nothing else helps.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Datagrams => DATAGRAMS,
            Self::OneSocket => Kind::Streams(1),
            _ => BUNDLE,
        }
    }

    /// Networks that the player is on.
    pub(super) fn networks(self) -> usize {
        if self == Self::Wander { 2 } else { 1 }
    }
}

type Moves = Vec<(f64, Move)>;

fn open(kind: Kind) -> Move {
    Move::Open { kind, network: 0 }
}

fn climb(start: f64, length: f64, random: &mut RandomSource) -> Moves {
    let mut moves = vec![(start, open(BUNDLE))];
    let (mut at, mut link) = (start, 1);
    while at + 3.0 < length {
        at += random.between(0.1, 6.0);
        let kind = if link % 2 == 1 { DATAGRAMS } else { BUNDLE };
        moves.push((at, open(kind)));
        if random.chance(0.5) {
            moves.push((at + 0.4, Move::Use(link, LinkUse::Standby)));
        }
        moves.push((at + random.between(0.5, 3.0), Move::Close(link)));
        link += 1;
    }
    moves
}

fn breaks(start: f64, length: f64, random: &mut RandomSource) -> Moves {
    let (mut moves, mut at, mut link) = (Vec::new(), start, 1);
    loop {
        let kind = [DATAGRAMS, BUNDLE, Kind::Streams(2)][random.below(3)];
        moves.push((at, open(kind)));
        let closes = at + random.between(0.05, 6.0);
        at = closes + random.between(0.0, 4.0);
        if at >= length {
            return moves;
        }
        moves.push((closes, Move::Close(link)));
        link += 1;
    }
}

/// Bundles of which one socket after the other dies, some or all; the last keeps one at least.
fn cuts(start: f64, length: f64, random: &mut RandomSource) -> Moves {
    let (mut moves, mut at, mut link) = (Vec::new(), start, 1);
    loop {
        let opened = at;
        moves.push((opened, open(BUNDLE)));
        let (first, count) = (random.below(3) as u8, 1 + random.below(3) as u8);
        let pace = [0.3, 3.0][random.below(2)];
        let mut deaths = Vec::new();
        for step in 0..count {
            at += random.between(0.02, pace);
            deaths.push((at, cut(link, (first + step) % 3, random)));
        }
        at += random.between(0.0, 8.0);
        let is_last = at >= length;
        deaths.truncate(if is_last { 2 } else { 3 });
        moves.extend(deaths);
        if is_last {
            return moves;
        }
        link += 1;
    }
}

fn cut(link: u64, stripe: u8, random: &mut RandomSource) -> Move {
    Move::Cut {
        link,
        stripe,
        noticed_after: Duration::from_secs_f64(random.between(0.0, 4.0)),
    }
}

fn wander(start: f64, length: f64, random: &mut RandomSource) -> Moves {
    let away = random.between(0.2, 0.4) * length;
    let hidden = random.between(0.5, 0.6) * length;
    let seen = hidden + random.between(0.5, 8.0);
    let elsewhere = |kind| Move::Open { kind, network: 1 };
    let mut moves = vec![
        (start, open(BUNDLE)),
        (start + 0.3, open(DATAGRAMS)),
        (start + 2.0, Move::Use(1, LinkUse::Standby)),
        (away, elsewhere([DATAGRAMS, BUNDLE][random.below(2)])),
        (hidden, Move::Hide(true)),
        (seen, Move::Hide(false)),
        (0.95 * length, Move::Replay(3)),
    ];
    if random.chance(0.5) {
        // The old network is gone before the new one is there.
        moves.push((away - 1.0, cut(2, 0, random)));
        moves.extend((0..3).map(|stripe| (away - 1.0, cut(1, stripe, random))));
    } else {
        moves.push((away + 1.0, Move::Close(2)));
        moves.push((away + 1.5, Move::Close(1)));
    }
    moves
}
