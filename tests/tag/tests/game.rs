//! The game, stepped without a server: who is it, who may dash, what is seen and what is kept.

use protocol::ids::{PlayerId, RoomId, Visibility};
use protocol::name::PlayerName;
use protocol::seat::Seat;
use protocol::tick::Tick;
use server::game::{Command, Context, Game, MatchRecord, Player, Refusal, RoomInfo, SnapshotBasis};
use tag::wire::{Event, Input, Options};
use tag::{BAD_SPEED, Tag};

const RATE: u16 = 60;
const ADA: Seat = Seat(0);
const GRACE: Seat = Seat(1);

fn created(speed: Option<u8>) -> Result<Tag, Refusal> {
    Tag::new(&RoomInfo {
        id: RoomId::parse("yard").unwrap(),
        visibility: Visibility::Public,
        seats: 8,
        tick_rate: RATE,
        seed: 1,
        options: Options { speed },
    })
}

/// A game that is stepped by hand.
struct Yard {
    game: Tag,
    ctx: Context<Event>,
}

impl Yard {
    /// Ada, who is it, at the top left, and Grace in the opposite corner.
    fn of_two() -> Self {
        let mut yard = Self {
            game: created(Some(2)).unwrap(),
            ctx: Context::new(Tick(0), RATE),
        };
        assert_eq!(yard.come("Ada"), Ok(ADA));
        assert_eq!(yard.come("Grace"), Ok(GRACE));
        yard.ctx.take();
        yard
    }

    fn come(&mut self, name: &str) -> Result<Seat, Refusal> {
        let who = Player::guest(PlayerId::from_bits(7), PlayerName::parse(name).unwrap());
        self.game.admit(&mut self.ctx, &who, Options::default())
    }

    /// Steps with Ada's input, and gives what the game asked for.
    fn step(&mut self, input: u8, ticks: u32) -> Vec<Command<Event>> {
        for _ in 0..ticks {
            self.ctx.advance();
            self.game.tick(&mut self.ctx, &[Some(Input(input)), None]);
        }
        self.ctx.take()
    }

    /// As [`Self::step`], and gives the events alone.
    fn events(&mut self, input: u8, ticks: u32) -> Vec<Event> {
        let commands = self.step(input, ticks).into_iter();
        let event = |command| match command {
            Command::Tell { event, .. } => Some(event),
            _ => None,
        };
        commands.filter_map(event).collect()
    }

    fn record(&mut self, ticks: u32) -> Option<MatchRecord> {
        let mut commands = self.step(0, ticks).into_iter();
        commands.find_map(|command| match command {
            Command::Finish(record) => Some(record),
            _ => None,
        })
    }

    fn seen(&mut self, seat: Seat) -> Vec<u8> {
        let mut out = Vec::new();
        let basis = SnapshotBasis {
            tick: self.ctx.tick(),
            baseline: &<Tag as Game>::View::default(),
            baseline_age: 0,
            budget: 200,
        };
        self.game.write_snapshot(seat, basis, &mut out);
        out
    }
}

const TOWARDS_GRACE: u8 = Input::RIGHT | Input::DOWN;

#[test]
fn a_room_is_as_fast_as_it_was_made_and_no_faster_than_3() {
    assert_eq!(created(Some(3)).unwrap().listing().label, "speed 3");
    assert_eq!(created(None).unwrap().listing().label, "speed 2");
    for speed in [0, 4] {
        assert_eq!(created(Some(speed)).unwrap_err().code, BAD_SPEED);
    }
}

#[test]
fn the_first_to_come_is_it_until_a_touch_passes_it_on() {
    let mut yard = Yard::of_two();
    assert_eq!(yard.game.state().it, Some(ADA));
    let events = yard.events(TOWARDS_GRACE, 360);
    let tagged = Event::Tagged {
        by: ADA,
        whom: GRACE,
    };
    assert_eq!(events.first(), Some(&tagged));
}

#[test]
fn a_touch_does_not_count_for_half_a_second() {
    let mut yard = Yard::of_two();
    while yard.events(TOWARDS_GRACE, 1).is_empty() {}
    assert_eq!(yard.events(0, 29), []);
    let back = Event::Tagged {
        by: GRACE,
        whom: ADA,
    };
    assert_eq!(yard.events(0, 1), [back]);
}

#[test]
fn a_pressed_dash_is_one_dash_and_a_repeated_input_has_none() {
    let mut yard = Yard::of_two();
    let pressed = Input(Input::RIGHT | Input::DASH);
    assert_eq!(yard.events(pressed.0, 1), [Event::Dashed { seat: ADA }]);
    let repeated = Tag::repeat(pressed);
    assert_eq!(repeated, Input(Input::RIGHT));
    assert_eq!(yard.events(repeated.0, 300), []);
    assert_eq!(
        yard.events(pressed.0, 121).len(),
        2,
        "one at once, one after two seconds"
    );
}

#[test]
fn somebody_else_is_it_when_the_player_leaves_or_is_away() {
    let mut yard = Yard::of_two();
    yard.game.park(&mut yard.ctx, ADA, true);
    assert_eq!(yard.game.state().it, Some(GRACE));
    yard.game.park(&mut yard.ctx, ADA, false);
    yard.game.leave(&mut yard.ctx, GRACE);
    assert_eq!(yard.game.state().it, Some(ADA));
    yard.game.leave(&mut yard.ctx, ADA);
    assert_eq!(yard.game.state().it, None);
}

#[test]
fn nobody_can_tag_a_player_who_is_away() {
    let mut yard = Yard::of_two();
    yard.game.park(&mut yard.ctx, GRACE, true);
    assert_eq!(yard.events(TOWARDS_GRACE, 360), []);
}

#[test]
fn a_room_has_eight_seats() {
    let mut yard = Yard::of_two();
    for seat in 2..8 {
        assert_eq!(yard.come("Edsger"), Ok(Seat(seat)));
    }
    assert_eq!(yard.come("Barbara").unwrap_err().code, tag::FULL);
    let touches = |one: &tag::movement::Body, other: &tag::movement::Body| {
        (one.x - other.x).abs() < 44 * 16 && (one.y - other.y).abs() < 44 * 16
    };
    let bodies = yard.game.state().bodies();
    for (at, one) in bodies.iter().enumerate() {
        assert!(
            !bodies[..at].iter().any(|other| touches(one, other)),
            "{bodies:?}"
        );
    }
}

#[test]
fn a_round_of_a_minute_is_kept_and_won_by_who_was_free() {
    let mut yard = Yard::of_two();
    assert_eq!(yard.record(3_599), None);
    let record = yard.record(1).unwrap();
    assert_eq!(record.started, Tick(0));
    let places: Vec<_> = record
        .standings
        .iter()
        .map(|standing| standing.place)
        .collect();
    assert_eq!(places, [2, 1]);
    let next = yard.record(3_600).unwrap();
    assert_eq!(next.started, Tick(3_600));
}

#[test]
fn a_snapshot_holds_only_what_has_moved() {
    let mut yard = Yard::of_two();
    let mut out = Vec::new();
    let mut view = <Tag as Game>::View::default();
    let mut sizes = Vec::new();
    for input in [0, 0, Input::RIGHT] {
        yard.step(input, 3);
        out.clear();
        let basis = SnapshotBasis {
            tick: yard.ctx.tick(),
            baseline: &view,
            baseline_age: 3,
            budget: 200,
        };
        view = yard.game.write_snapshot(GRACE, basis, &mut out);
        sizes.push(out.len());
    }
    let [first, idle, moving] = sizes[..] else {
        unreachable!()
    };
    assert_eq!((first - idle, moving - idle), (10, 3), "{sizes:?}");
}

#[test]
fn a_restored_game_goes_on_identically() {
    let mut yard = Yard::of_two();
    yard.step(TOWARDS_GRACE | Input::DASH, 100);
    let mut other = Yard {
        game: created(Some(2)).unwrap(),
        ctx: Context::new(yard.ctx.tick(), RATE),
    };
    let checkpoint = yard.game.checkpoint().unwrap();
    other.game.restore(&checkpoint).unwrap();
    for input in [0, Input::LEFT, TOWARDS_GRACE | Input::DASH] {
        assert_eq!(yard.step(input, 1_200), other.step(input, 1_200));
        assert_eq!(yard.game.state(), other.game.state());
        assert_eq!(yard.seen(ADA), other.seen(ADA));
    }
    assert_eq!(yard.game.catch_up(ADA), other.game.catch_up(ADA));
    let refused = other.game.restore(&checkpoint[1..]).unwrap_err();
    assert_eq!(refused.code, tag::BAD_CHECKPOINT);
}
