//! Players who come, go, and go away for a while.

use super::*;

#[test]
fn bots_make_up_for_missing_players() {
    let mut room = Room::new(GameConfig::default(), 1);
    assert_eq!(room.seated(), (0, 0));
    for name in ["Ada", "Bo", "Cleo"] {
        room.join(name).unwrap();
    }
    room.step();
    assert_eq!(room.seated(), (3, 9));
    let roster = room.roster();
    let mut names: Vec<String> = roster.iter().map(|entry| entry.name.to_string()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 12, "no name twice: {names:?}");
}

#[test]
fn a_player_who_comes_in_the_countdown_takes_a_bots_place() {
    let mut room = Room::new(GameConfig::default(), 1);
    room.join("Ada").unwrap();
    room.run(60);
    let bo = room.join("Bo").unwrap();
    assert_eq!(room.seated(), (2, 10));
    assert!(room.view(bo).own.is_some());
    let entry = room.entry(bo).unwrap();
    assert_eq!(
        (&*entry.name, entry.is_bot, entry.is_alive),
        ("Bo", false, true)
    );
}

#[test]
fn a_full_room_gives_up_its_bots_one_by_one_and_then_refuses() {
    let (mut room, first) = Room::playing(GameConfig::default());
    let mut seats = vec![first];
    for count in 2..=12 {
        seats.push(room.join("one more").unwrap());
        room.step();
        assert_eq!(room.seated(), (count, 12 - count));
        assert!(room.view(seats[count - 1]).own.is_some(), "player {count}");
    }
    seats.sort();
    seats.dedup();
    assert_eq!(seats.len(), 12);
    assert_eq!(room.join("too many"), None);
    assert!(room.roster().iter().all(|entry| !entry.is_bot));
}

#[test]
fn a_newcomer_in_mid_game_gets_a_circle_in_safety() {
    let (mut room, seat) = Room::playing(patient());
    room.run(seconds(60));
    room.put(seat, 0, 0, 4_000);
    let bo = room.join("Bo").unwrap();
    let own = room.view(bo).own.unwrap();
    assert_eq!(own.mass, 100);
    room.step();
    // Even a giant right on top does no harm for two seconds.
    room.put(seat, own.x / 256, own.y / 256, 4_000);
    room.run(seconds(2) - 1);
    assert!(room.mass(bo).is_some());
}

#[test]
fn who_comes_too_late_watches_until_the_rematch() {
    let (mut room, ada) = Room::playing(empty_arena());
    room.run(seconds(150));
    let in_time = room.join("in time").unwrap();
    assert!(room.view(in_time).own.is_some());
    room.run(1);
    let late = room.join("too late").unwrap();
    room.put(ada, 300, 0, 500);
    let view = room.view(late);
    assert_eq!(
        (view.own, view.focus),
        (None, ada),
        "it watches the largest"
    );
    assert_eq!(room.entry(late).map(|entry| entry.is_alive), Some(false));
    room.run_to(Phase::Results);
    room.run_to(Phase::Countdown);
    assert!(room.view(late).own.is_some());
}

#[test]
fn a_leaver_is_gone_and_its_seat_is_free() {
    let (mut room, ada) = Room::playing(empty_arena());
    let bo = room.join("Bo").unwrap();
    room.leave(ada);
    room.leave(ada);
    room.leave(Seat(200));
    assert_eq!(room.entry(ada), None);
    assert_eq!(room.seated(), (1, 0));
    room.step();
    assert_eq!(
        room.phase(),
        Phase::Results,
        "the other one is the last one standing"
    );
    assert_eq!(room.join("Cleo"), Some(ada));
    assert_ne!(bo, ada);
}

#[test]
fn nobody_can_make_a_bot_leave() {
    let (mut room, ada) = Room::playing(GameConfig::default());
    let bots = room.roster().into_iter().filter(|entry| entry.is_bot);
    for bot in bots.collect::<Vec<_>>() {
        room.leave(bot.seat);
        room.park(bot.seat, true);
    }
    room.park(Seat(99), true);
    assert_eq!(room.seated(), (1, 11));
    assert!(room.roster().iter().all(|entry| !entry.is_parked));
    assert!(room.mass(ada).is_some());
}

#[test]
fn an_empty_room_goes_back_to_the_lobby_without_bots() {
    let (mut room, ada) = Room::playing(GameConfig::default());
    room.leave(ada);
    room.step();
    assert_eq!(room.told_phase(), (Phase::Lobby, 0, room.ctx.tick()));
    assert_eq!(room.roster(), []);
    assert_eq!(room.seated(), (0, 0));
    let (told, silence) = (room.events.len(), seconds(10));
    room.run(silence);
    assert_eq!(room.events.len(), told);
}

#[test]
fn an_absent_players_circle_stands_still_and_is_safe_for_ten_seconds() {
    let (mut room, ada) = Room::playing(empty_arena());
    let bo = room.join("Bo").unwrap();
    room.run(seconds(3));
    room.inputs = [Some(GameInput::steering(127, 0)); 16];
    room.park(ada, true);
    assert_eq!(room.entry(ada).map(|entry| entry.is_parked), Some(true));
    room.put(ada, 0, 0, 100);
    for _ in 0..seconds(10) {
        room.put(bo, 0, 0, 1_000);
        room.step();
    }
    assert_eq!(room.view(ada).own.map(|own| (own.x, own.y)), Some((0, 0)));
    room.put(bo, 0, 0, 1_000);
    room.step();
    assert_eq!(room.deaths(), [(ada, Some(bo))]);
}

#[test]
fn going_away_again_and_again_does_not_save_anybody() {
    let (mut room, ada) = Room::playing(empty_arena());
    let bo = room.join("Bo").unwrap();
    room.run(seconds(3));
    let mut survived = 0;
    while room.mass(ada).is_some() && survived < 2 * seconds(10) {
        room.put(bo, 500, 0, 1_000);
        room.park(ada, false);
        room.step();
        room.park(ada, true);
        for _ in 0..30 {
            let own = room.view(ada).own;
            let (x, y) = own.map_or((0, 0), |own| (own.x / 256, own.y / 256));
            room.put(bo, x, y, 1_000);
            room.step();
            survived += 1;
        }
    }
    assert!((seconds(10)..seconds(11)).contains(&survived), "{survived}");
}

#[test]
fn a_newcomer_is_told_who_plays_and_how_the_game_stands() {
    let (mut room, ada) = Room::playing(patient());
    room.run(seconds(30));
    let bo = room.join("Bo").unwrap();
    let told = |room: &Room| -> Vec<GameEvent> { room.game.catch_up(bo) };
    let events = told(&room);
    let [
        GameEvent::Roster(roster),
        GameEvent::Phase {
            phase, boundary, ..
        },
        GameEvent::Standings(masses),
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert!(
        roster
            .iter()
            .any(|entry| entry.seat == ada && &*entry.name == "Ada")
    );
    assert!(roster.iter().any(|entry| entry.seat == bo));
    assert_eq!((*phase, boundary.len()), (Phase::Playing, 4));
    assert!(masses.len() >= 2);

    room.run_to(Phase::Results);
    let events = told(&room);
    assert_eq!(events.len(), 4);
    assert!(matches!(&events[2], GameEvent::Results(rows) if rows.len() == 12));
}

#[test]
fn the_welcome_tells_the_seat_and_how_to_move() {
    let (room, ada) = Room::playing(GameConfig::default());
    let welcome = room.game.welcome(ada);
    assert_eq!(welcome.seat, ada);
    assert_eq!(welcome.movement, *room.game.rules.movement());
}

#[test]
fn a_newcomer_does_not_inherit_the_results_of_its_seat() {
    let (mut room, ada) = Room::playing(empty_arena());
    room.join("Bo").unwrap();
    room.run_to(Phase::Results);
    room.leave(ada);
    assert_eq!(room.join("Cleo"), Some(ada));
    let events = room.game.catch_up(ada);
    assert!(
        matches!(&events[2], GameEvent::Results(rows) if rows.len() == 1 && rows[0].seat != ada)
    );
}
