//! The course of a game from the lobby to the rematch.

use super::*;

#[test]
fn a_game_goes_from_the_lobby_to_the_rematch() {
    let mut room = Room::new(patient(), 9);
    room.run(seconds(5));
    assert_eq!(room.phase(), Phase::Lobby);
    assert_eq!(room.events, []);

    let seat = room.join("Ada").unwrap();
    room.park(seat, true);
    room.step();
    assert_eq!(room.told_phase(), (Phase::Countdown, 0, Tick(301 + 180)));
    room.run_to(Phase::Playing);
    assert_eq!(room.ctx.tick(), Tick(481));
    assert_eq!(room.told_phase(), (Phase::Playing, 0, Tick(481 + 10_800)));
    room.run_to(Phase::Results);
    assert!(room.ctx.tick() <= Tick(481 + 10_800));
    assert_eq!(room.told_phase().1, 1);

    let results = room.events.iter().rev().find_map(|(_, event)| match event {
        GameEvent::Results(rows) => Some(rows.to_vec()),
        _ => None,
    });
    let rows = results.unwrap();
    let places: Vec<u8> = rows.iter().map(|row| row.place).collect();
    assert_eq!(places, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert!(rows.iter().any(|row| row.seat == seat && row.survived > 0));
    assert!(rows[0].peak_mass > 200, "{:?}", rows[0]);
    assert!(rows.iter().map(|row| u32::from(row.circles)).sum::<u32>() >= 3);

    let results_began = room.ctx.tick();
    room.run_to(Phase::Countdown);
    assert_eq!(room.ctx.tick(), results_began.plus(600));
    assert_eq!(room.told_phase().1, 1);
    assert!(room.roster().iter().all(|entry| entry.is_alive));
}

#[test]
fn circles_start_evenly_placed_and_cannot_move_before_the_start() {
    let mut room = Room::new(GameConfig::default(), 4);
    let seat = room.join("Ada").unwrap();
    room.inputs = [Some(GameInput::steering(127, 0)); 16];
    room.step();
    let placed = room.view(seat);
    assert_eq!(placed.own.map(|own| own.mass), Some(100));
    room.run(seconds(3) - 1);
    assert_eq!(room.phase(), Phase::Countdown);
    assert_eq!(room.view(seat), placed);
    room.run(2);
    assert!(room.view(seat).own.unwrap().vx > 0);
}

#[test]
fn the_last_one_standing_wins_at_once() {
    let mut room = Room::new(empty_arena(), 1);
    let winner = room.join("Ada").unwrap();
    let loser = room.join("Bo").unwrap();
    room.run_to(Phase::Playing);
    room.put(winner, 0, 0, 200);
    room.put(loser, 5, 0, 100);
    room.step();
    assert_eq!(room.deaths(), [(loser, Some(winner))]);
    assert_eq!(room.phase(), Phase::Results);
    let rows = &room.game.results;
    assert_eq!(
        (rows[0].seat, rows[0].place, rows[0].peak_mass),
        (winner, 1, 300)
    );
    assert_eq!((rows[1].seat, rows[1].place), (loser, 2));
}

#[test]
fn a_player_without_opponents_plays_on() {
    let (mut room, _) = Room::playing(empty_arena());
    room.run(seconds(179));
    assert_eq!(room.phase(), Phase::Playing);
    room.run(seconds(1));
    assert_eq!(room.phase(), Phase::Results);
}

#[test]
fn bots_do_not_keep_dead_players_waiting() {
    let (mut room, seat) = Room::playing(GameConfig {
        respawn_stages: 0,
        ..GameConfig::default()
    });
    room.put(seat, 1_790, 0, 30);
    room.run(20);
    assert_eq!(room.deaths(), [(seat, None)]);
    assert_eq!(room.entry(seat).map(|entry| entry.is_alive), Some(false));
    let (phase, _, ends) = room.told_phase();
    assert_eq!(phase, Phase::Playing);
    assert!(ends.since(room.ctx.tick()) <= i64::from(seconds(15)));
    room.run(seconds(15));
    assert_eq!(room.phase(), Phase::Results);
}

#[test]
fn standings_are_told_once_a_second_largest_first() {
    let (mut room, _) = Room::playing(GameConfig::default());
    room.events.clear();
    room.run(seconds(10));
    let standings: Vec<_> = room
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            GameEvent::Standings(standings) => Some(standings.to_vec()),
            _ => None,
        })
        .collect();
    assert_eq!(standings.len(), 10);
    assert!(
        standings
            .iter()
            .all(|masses| masses.is_sorted_by_key(|&(_, mass)| std::cmp::Reverse(mass)))
    );
    assert_eq!(standings[0].len(), 12);
}

#[test]
fn the_rematch_starts_as_soon_as_all_present_players_are_ready() {
    let mut room = Room::new(
        GameConfig {
            playing_seconds: 10,
            ..GameConfig::default()
        },
        1,
    );
    let [ada, bo, cleo] = ["Ada", "Bo", "Cleo"].map(|name| room.join(name).unwrap());
    room.run_to(Phase::Playing);
    room.ready(ada);
    room.run_to(Phase::Results);
    room.ready(bo);
    room.run(10);
    assert_eq!(
        room.phase(),
        Phase::Results,
        "an early wish counts for nothing"
    );
    room.ready(ada);
    room.run(10);
    assert_eq!(room.phase(), Phase::Results);
    room.park(cleo, true);
    room.step();
    assert_eq!(
        room.phase(),
        Phase::Countdown,
        "who is away holds up nobody"
    );
}

#[test]
fn the_game_plays_at_other_tick_rates_too() {
    for rate in [20, 30, 120] {
        let mut room = Room::at_rate(patient(), 3, rate);
        let seat = room.join("Ada").unwrap();
        room.park(seat, true);
        let mut ended = None;
        for tick in 0..200 * u32::from(rate) {
            room.step();
            if ended.is_none() && room.phase() == Phase::Results {
                ended = Some(tick / u32::from(rate));
            }
        }
        assert!(
            ended.is_some_and(|second| (60..190).contains(&second)),
            "{rate}: {ended:?}"
        );
    }
}
