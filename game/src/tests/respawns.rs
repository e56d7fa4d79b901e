//! Who comes back after a death, and who does not.

use super::*;

/// Two players and nothing else, of whom the first has just been eaten.
fn eaten() -> (Room, Seat, Seat) {
    let (mut room, ada) = Room::playing(GameConfig {
        boundary: GameConfig::default().boundary,
        respawn_stages: 1,
        ..empty_arena()
    });
    let bo = room.join("Bo").unwrap();
    room.step();
    kill(&mut room, ada, bo);
    (room, ada, bo)
}

fn kill(room: &mut Room, victim: Seat, eater: Seat) {
    room.put(victim, 0, 0, 100);
    room.put(eater, 0, 0, 500);
    room.step();
    assert_eq!(room.mass(victim), None);
}

fn respawns_until(room: &Room) -> Tick {
    room.game.respawns_until()
}

fn known(name: &str, id: u128) -> Player {
    Player {
        is_guest: false,
        id: PlayerId::from_bits(id),
        ..newcomer(name)
    }
}

#[test]
fn who_asks_for_it_is_back_after_a_moment_small_and_protected() {
    let (mut room, ada, bo) = eaten();
    assert_eq!(room.game.listing().label, "early");
    room.run(seconds(5));
    assert_eq!(room.mass(ada), None, "nobody has asked");
    room.act(ada, GameAction::Respawn);
    room.step();
    assert_eq!(room.mass(ada), Some(100));
    let back = room.game.arena.circle(ada).unwrap();
    assert!(back.is_protected(room.ctx.tick()));
    assert!(room.entry(ada).unwrap().is_alive);
    kill(&mut room, ada, bo);
    room.act(ada, GameAction::Respawn);
    room.run(seconds(1));
    assert_eq!(room.mass(ada), None, "not at once");
    room.run(seconds(1));
    assert_eq!(room.mass(ada), Some(100));
}

#[test]
fn the_time_of_all_lives_counts() {
    let (mut room, ada, bo) = eaten();
    let first = room.game.records[usize::from(ada.0)].unwrap();
    room.act(ada, GameAction::Respawn);
    room.run(seconds(10));
    kill(&mut room, ada, bo);
    room.run_to(Phase::Results);
    let row = *room
        .game
        .results
        .iter()
        .find(|row| row.seat == ada)
        .unwrap();
    let first = u32::try_from(first.died.unwrap().since(first.began)).unwrap();
    let second = row.survived - first;
    assert!((seconds(8)..=seconds(9)).contains(&second), "{second}");
}

#[test]
fn nobody_comes_back_once_the_second_stage_shrinks_and_the_last_one_wins() {
    let (mut room, ada, _) = eaten();
    // The stages hold for 25 and 20 s and shrink in 15.
    let until = respawns_until(&room);
    assert_eq!(until.since(room.game.phase.started), i64::from(seconds(60)));
    while room.ctx.tick() <= until {
        assert_eq!(room.phase(), Phase::Playing, "somebody may still come back");
        room.step();
    }
    room.act(ada, GameAction::Respawn);
    room.run(2);
    assert_eq!((room.mass(ada), room.phase()), (None, Phase::Results));
}

#[test]
fn who_comes_late_plays_but_not_who_has_died_and_left() {
    let mut room = Room::new(GameConfig::default(), 3);
    let ada = room.join("Ada").unwrap();
    room.run_to(Phase::Playing);
    let bo = known("Bo", 7);
    let join = |room: &mut Room| room.game.admit(&mut room.ctx, &bo, NoOptions {}).unwrap();
    let seat = join(&mut room);
    while room.ctx.tick() <= respawns_until(&room) {
        room.put(ada, 900, 0, 400);
        room.step();
    }
    assert!(room.mass(seat).is_some());
    kill(&mut room, seat, ada);
    room.leave(seat);
    room.step();
    assert_eq!(room.game.listing().label, "late");
    let again = join(&mut room);
    assert_eq!(room.mass(again), None);
    let cleo = room.join("Cleo").unwrap();
    assert!(room.mass(cleo).is_some());
    room.run_to(Phase::Results);
    room.run_to(Phase::Countdown);
    assert!(room.mass(again).is_some(), "the next game is for everybody");
}

#[test]
fn bots_come_back_by_themselves() {
    let (mut room, ada) = Room::playing(GameConfig::default());
    let bot = room.game.seats.bots().next().unwrap().0;
    kill(&mut room, bot, ada);
    room.run(seconds(4));
    assert_eq!(room.mass(bot), None);
    room.run(seconds(1));
    assert!(room.mass(bot).is_some());
}

#[test]
fn the_dead_watch_whom_they_choose() {
    let (mut room, ada, bo) = eaten();
    let cleo = room.join("Cleo").unwrap();
    room.step();
    assert_eq!(room.view(ada).focus, bo);
    room.act(ada, GameAction::Watch(cleo));
    assert_eq!(room.view(ada).focus, cleo);
    room.act(ada, GameAction::Watch(ada));
    assert_eq!(room.view(ada).focus, bo);
}
