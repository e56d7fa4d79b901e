//! A game of nothing but numbers: every player counts up by its inputs and sees only its own sum.
//! It stands for any game that somebody puts in the rooms.

use protocol::codec::encode_into;
use protocol::seat::Seat;
use serde::{Deserialize, Serialize};
use server::game::{Context, Game, Listing, MatchRecord, Player, Refusal, SnapshotBasis, Standing};

/// Seats of a room.
const SEATS: usize = 4;

/// Sums by seat.
#[derive(Default)]
pub(crate) struct Tally {
    sums: [Option<u64>; SEATS],
    label: String,
    is_bloated: bool,
    is_chatty: bool,
}

/// What a join may ask for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wishes {
    /// What the room is called in the list, if the join makes it.
    #[serde(default)]
    pub(crate) label: String,
    /// Where the sum begins.
    #[serde(default)]
    from: u64,
}

/// What a player may do beside counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Deed {
    /// Tells everybody.
    Shout(u8),
    /// Tells the player itself.
    Mutter(u8),
    /// Tells the player how long ago the tick is that it sees, in ticks.
    Peek,
    /// A fault in the game's own code.
    Fail,
    /// Tells everybody more than an event may be.
    Blurt,
    /// Writes snapshots over their budget from now on.
    Bloat,
    /// Has more to tell to newcomers than is kept for one, from now on.
    Chatter,
    /// What no honest client does.
    Cheat,
    /// Has a seat's player removed.
    Accuse(u8),
    /// Ends a match that the player has won, and the room.
    Finish,
    /// Ends a match that the player has won; the room goes on.
    Conclude,
}

pub(crate) const CHEATED: u16 = 7;
pub(crate) const ACCUSED: u16 = 8;
pub(crate) const UNWANTED: u16 = 9;

impl Tally {
    /// A room, if its label is not refused.
    pub(crate) fn new(label: &str) -> Result<Self, Refusal> {
        if label == "forbidden" {
            return Err(Refusal::new(UNWANTED, "no room is called so"));
        }
        Ok(Self {
            label: label.to_owned(),
            ..Self::default()
        })
    }
}

impl Game for Tally {
    type Options = Wishes;
    type Input = u8;
    type Action = Deed;
    type Event = Vec<u8>;
    type Welcome = Seat;
    type View = u64;

    fn admit(
        &mut self,
        _: &mut Context<Vec<u8>>,
        who: &Player,
        wishes: Wishes,
    ) -> Result<Seat, Refusal> {
        match who.name.as_str() {
            "Outsider" => return Ok(Seat(99)),
            "Twin" => return Ok(Seat(0)),
            "Stranger" => return Err(Refusal::new(UNWANTED, "not you")),
            _ => {}
        }
        if let Some(login) = &who.login
            && login.claims.get("banned").is_some()
        {
            return Err(Refusal::new(UNWANTED, "banned"));
        }
        let free = self.sums.iter().position(Option::is_none);
        let free = free.ok_or_else(|| Refusal::new(0, "every seat is taken"))?;
        self.sums[free] = Some(wishes.from);
        Ok(Seat(free as u8))
    }

    fn leave(&mut self, _: &mut Context<Vec<u8>>, seat: Seat) {
        self.sums[usize::from(seat.0)] = None;
    }

    fn act(&mut self, ctx: &mut Context<Vec<u8>>, seat: Seat, deed: Deed) -> Result<(), Refusal> {
        let is_last = matches!(deed, Deed::Finish);
        match deed {
            Deed::Shout(word) => ctx.emit(vec![word]),
            Deed::Mutter(word) => ctx.emit_to(seat, vec![word]),
            Deed::Peek => {
                let seen = ctx.path(seat).seen_tick;
                let ago = seen.map_or(u8::MAX, |seen| ctx.tick().since(seen) as u8);
                ctx.emit_to(seat, vec![ago]);
            }
            Deed::Fail => panic!("the game's own fault"),
            Deed::Blurt => ctx.emit(vec![0; 20_000]),
            Deed::Bloat => self.is_bloated = true,
            Deed::Chatter => self.is_chatty = true,
            Deed::Cheat => return Err(Refusal::new(CHEATED, "that can't be done")),
            Deed::Accuse(other) => ctx.kick(Seat(other), ACCUSED),
            Deed::Finish | Deed::Conclude => {
                ctx.finish(MatchRecord {
                    started: ctx.tick(),
                    standings: vec![Standing {
                        seat,
                        place: 1,
                        score: 5,
                    }],
                });
                if is_last {
                    ctx.end_room();
                }
            }
        }
        Ok(())
    }

    fn tick(&mut self, _: &mut Context<Vec<u8>>, inputs: &[Option<u8>]) {
        for (sum, input) in self.sums.iter_mut().zip(inputs) {
            if let (Some(sum), Some(input)) = (sum, input) {
                *sum += u64::from(*input);
            }
        }
    }

    /// Each count is pressed once.
    fn repeat(_: u8) -> u8 {
        0
    }

    fn welcome(&self, seat: Seat) -> Seat {
        seat
    }

    fn catch_up(&self, _: Seat) -> Vec<Vec<u8>> {
        let count = if self.is_chatty { 300 } else { 0 };
        vec![vec![1]; count]
    }

    fn write_snapshot(
        &mut self,
        seat: Seat,
        basis: SnapshotBasis<'_, u64>,
        out: &mut Vec<u8>,
    ) -> u64 {
        let sum = self.sums[usize::from(seat.0)].unwrap_or(0);
        encode_into(&(sum - basis.baseline), out);
        if self.is_bloated {
            out.resize(out.len() + 2_000, 0);
        }
        sum
    }

    fn listing(&self) -> Listing {
        Listing {
            bots: 0,
            label: self.label.clone(),
        }
    }
}
