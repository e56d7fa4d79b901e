//! Three nodes and a front as one server, over real Redis: a node dies, is stopped and goes on, or is restarted in order; the
//! store hangs, or forgets; and players on every rung keep their seats, each room in one place.

use std::collections::BTreeMap;
use std::time::Duration;

use client::native::{Admission, Connector, PlayerOptions, Trust};
use netlab::clock::{Stopwatch, unix_ms};
use netlab::prerequisites::available;
use netlab::sdk_page::{JournalEntry, SdkBrowser, Visitor};
use netlab::server_process::ServerProcess;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::rung::Rung;
use server::fleet::LEASE_LIFETIME;
use tests::fleet::{Fleet, NODES, PATIENCE, start_front};
use tests::returns;

/// Pages, each with a player on each rung, in a room of its own.
const PAGES: usize = 10;

/// How long a node's players may be away when it dies: its leases end, and clients notice, in about two seconds.
const MOST_AWAY_MS: f64 = 4_000.0;

/// How long is meant at most; what took longer is told.
const ASKED_AWAY_MS: f64 = 3_000.0;

/// How long, when it can't reach the store any more: it stands still when its leases have ended, and then clients notice.
const MOST_CUT_OFF_MS: f64 = 8_000.0;

/// How long they may be away when it is stopped in order.
const MOST_GAP_MS: f64 = 2_500.0;

/// A second of play, which may be lost with a node that dies.
const MOST_LOST_TICKS: u32 = 60;

/// Snapshots a second to each player, and the part of them that must be sent while the store is away: a third of the
/// players have streams, which get twenty while some come late.
const SNAPSHOT_RATE: f64 = 30.0;
const LEAST_PLAY: f64 = 0.84;

fn room_of(page: usize, rung: Rung) -> String {
    format!("room-{page}-{}", rung.name())
}

/// The rooms of all players.
fn all_rooms() -> impl Iterator<Item = String> {
    let rungs = [Rung::WebTransport, Rung::WebRtc, Rung::WebSocket];
    (0..PAGES).flat_map(move |page| rungs.map(|rung| room_of(page, rung)))
}

/// A fleet with players in it: 30, in 30 rooms, on all rungs.
fn with_players() -> Option<(Fleet, SdkBrowser, Vec<Visitor>)> {
    let fleet = Fleet::start(50)?;
    let browser = available(SdkBrowser::launch(&fleet.front, None))?;
    let visitors = returns::enter(&browser, PAGES, room_of);
    let spread = fleet.spread(all_rooms());
    assert_eq!(spread.len(), NODES, "each node has rooms: {spread:?}");
    // A crash may cost the last second, and with it the seats of who came in it.
    std::thread::sleep(Duration::from_secs(1));
    Some((fleet, browser, visitors))
}

/// How long each player was away, who must have come back to the same seat.
fn away(fleet: &Fleet, journals: &[(String, Vec<JournalEntry>)], since: f64) -> Vec<f64> {
    let mut away: Vec<f64> = journals
        .iter()
        .map(|(room, journal)| {
            let welcome = returns::welcomed(journal).unwrap();
            let logs = || fleet.logs_of(room);
            let is_back = welcome.said == format!("welcome back to {room}");
            assert!(is_back, "{journal:?} since {since}\n{}", logs());
            let away = welcome.at - since;
            if away > ASKED_AWAY_MS {
                println!("{journal:?} since {since}\n{}", logs());
            }
            away
        })
        .collect();
    away.sort_by(f64::total_cmp);
    away
}

/// Asserts that nobody in other rooms has had to come back.
fn others_have_stayed(fleet: &Fleet, visitors: &[Visitor], since: f64, concerned: &[String]) {
    for (room, journal) in returns::journals(visitors, room_of, since) {
        let has_stayed = returns::welcomed(&journal).is_none();
        assert!(
            concerned.contains(&room) || has_stayed,
            "{room}: {journal:?} since {since}\n{}",
            fleet.logs_of(&room)
        );
    }
}

#[test]
fn rooms_of_a_node_that_dies_go_on_elsewhere_with_all_their_players() {
    let Some((mut fleet, _browser, visitors)) = with_players() else {
        return;
    };
    let spread = fleet.spread(all_rooms());
    let concerned = &spread[&0];
    let died_at = unix_ms();
    fleet.nodes[0].take().unwrap().kill();
    let is_concerned = |room: &str| concerned.iter().any(|other| other == room);
    let back = fleet.wait_until_back(&visitors, room_of, died_at, is_concerned);
    let away = away(&fleet, &back, died_at);
    let seen = returns::sights(&visitors, room_of, died_at, is_concerned);
    let lost = seen.iter().map(|sight| sight.lost_ticks).max().unwrap();
    println!(
        "{} players of {} rooms back within {:.0} ms in the median, {:.0} ms at most; {lost} of {MOST_LOST_TICKS} ticks lost at most",
        back.len(),
        concerned.len(),
        away[away.len() / 2],
        away[away.len() - 1]
    );
    assert!(lost <= MOST_LOST_TICKS, "{seen:?}");
    assert!(away[away.len() - 1] <= MOST_AWAY_MS, "{away:?}");
    others_have_stayed(&fleet, &visitors, died_at, concerned);
    assert!(fleet.spread(all_rooms()).keys().all(|holder| *holder != 0));
    assert_eq!(fleet.rooms().iter().sum::<f64>(), 30.0);
}

#[test]
fn a_rolling_restart_sends_nobody_away() {
    let Some((mut fleet, _browser, visitors)) = with_players() else {
        return;
    };
    let (mut gaps, mut lost) = (Vec::new(), 0);
    for number in 0..NODES {
        let concerned = fleet
            .spread(all_rooms())
            .remove(&number)
            .unwrap_or_default();
        let stopped_at = unix_ms();
        let ended = fleet.nodes[number].take().unwrap();
        let ended = ended.stop(Duration::from_secs(10)).unwrap();
        assert!(ended.success(), "{ended}");
        let is_concerned = |room: &str| concerned.iter().any(|other| other == room);
        let back = fleet.wait_until_back(&visitors, room_of, stopped_at, is_concerned);
        away(&fleet, &back, stopped_at);
        for sight in returns::sights(&visitors, room_of, stopped_at, is_concerned) {
            gaps.push(sight.gap_ms);
            lost = lost.max(sight.lost_ticks);
        }
        others_have_stayed(&fleet, &visitors, stopped_at, &concerned);
        let node = fleet.start_node(number, 50);
        fleet.nodes[number] = Some(node.unwrap());
        fleet.wait_until_ready(NODES);
    }
    gaps.sort_by(f64::total_cmp);
    println!(
        "{} moves: {:.0} ms without a snapshot in the median, {:.0} ms at most; {lost} ticks lost",
        gaps.len(),
        gaps[gaps.len() / 2],
        gaps[gaps.len() - 1]
    );
    assert!(gaps[gaps.len() - 1] <= MOST_GAP_MS, "{gaps:?}");
    // What was played before the move is in it, with all inputs.
    assert_eq!(lost, 0);
    assert_eq!(fleet.rooms().iter().sum::<f64>(), 30.0);
}

#[test]
fn a_node_that_was_stopped_gives_up_what_others_have_taken() {
    let Some((fleet, _browser, visitors)) = with_players() else {
        return;
    };
    let concerned = fleet.spread(all_rooms()).remove(&1).unwrap();
    let process = Pid::from_raw(fleet.node(1).pid().cast_signed());
    let stopped_at = unix_ms();
    kill(process, Signal::SIGSTOP).unwrap();
    let is_concerned = |room: &str| concerned.iter().any(|other| other == room);
    let back = fleet.wait_until_back(&visitors, room_of, stopped_at, is_concerned);
    let away = away(&fleet, &back, stopped_at);
    println!("back within {:.0} ms at most", away[away.len() - 1]);
    assert!(fleet.spread(all_rooms()).keys().all(|holder| *holder != 1));
    let woken_at = unix_ms();
    kill(process, Signal::SIGCONT).unwrap();
    let clock = Stopwatch::start();
    while fleet.rooms().iter().sum::<f64>() != 30.0 {
        assert!(clock.remaining(PATIENCE).is_some(), "{:?}", fleet.rooms());
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("{:?} until it had none of them", clock.elapsed());
    std::thread::sleep(LEASE_LIFETIME);
    assert!(fleet.spread(all_rooms()).keys().all(|holder| *holder != 1));
    others_have_stayed(&fleet, &visitors, woken_at, &[]);
}

/// Cuts a node off, and asserts that its rooms go on elsewhere and nowhere else, then and when it is back.
fn cut_off(fleet: &Fleet, visitors: &[Visitor], number: usize, cut: impl Fn(bool)) {
    let concerned = fleet.spread(all_rooms()).remove(&number).unwrap();
    let sent = || {
        let metrics = fleet.node(number).metrics(None).unwrap();
        metrics.sum("game_server_snapshots_total", &[])
    };
    let cut_at = unix_ms();
    cut(true);
    let is_concerned = |room: &str| concerned.iter().any(|other| other == room);
    let back = fleet.wait_until_back(visitors, room_of, cut_at, is_concerned);
    let away = away(fleet, &back, cut_at);
    println!("elsewhere within {:.0} ms at most", away[away.len() - 1]);
    assert!(away[away.len() - 1] <= MOST_CUT_OFF_MS, "{away:?}");
    let is_free = || {
        fleet
            .spread(all_rooms())
            .keys()
            .all(|holder| *holder != number)
    };
    assert!(is_free());
    // It sends nothing to anybody: nobody plays in two copies of a room.
    let before = sent();
    assert!(before > 0.0);
    std::thread::sleep(LEASE_LIFETIME);
    assert_eq!(sent(), before);
    let healed_at = unix_ms();
    cut(false);
    let clock = Stopwatch::start();
    while fleet.rooms().iter().sum::<f64>() != 30.0 {
        assert!(clock.remaining(PATIENCE).is_some(), "{:?}", fleet.rooms());
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(LEASE_LIFETIME);
    others_have_stayed(fleet, visitors, healed_at, &[]);
    assert!(is_free());
}

#[test]
fn a_node_that_is_cut_off_from_the_store_or_from_everybody_lets_its_rooms_go() {
    let Some((fleet, _browser, visitors)) = with_players() else {
        return;
    };
    cut_off(&fleet, &visitors, 1, |is_cut| {
        fleet.hosts.hide(1, is_cut).unwrap();
    });
    fleet.wait_until_ready(NODES);
    cut_off(&fleet, &visitors, 2, |is_cut| {
        fleet.hosts.unplug(2, is_cut).unwrap();
    });
}

#[test]
fn play_goes_on_while_the_store_hangs_and_after_it_has_forgotten_all() {
    let Some((fleet, _browser, visitors)) = with_players() else {
        return;
    };
    let spread = fleet.spread(all_rooms());
    let since = unix_ms();
    fleet.redis.freeze(true).unwrap();
    let snapshots = || -> f64 {
        let nodes = fleet.nodes.iter().flatten();
        let count = |node: &ServerProcess| {
            let metrics = node.metrics(None).unwrap();
            metrics.sum("game_server_snapshots_total", &[])
        };
        nodes.map(count).sum()
    };
    let (clock, before) = (Stopwatch::start(), snapshots());
    std::thread::sleep(Duration::from_secs(10));
    // A room that runs takes players still, where it is.
    let (node, rooms) = spread.first_key_value().unwrap();
    let connector = Connector::new(&Trust::Anything).unwrap();
    let join = |origin: String, room: &str| {
        let options = PlayerOptions {
            room: Some(room.to_owned()),
            ..PlayerOptions::new(origin)
        };
        fleet.runtime.block_on(Admission::ask(&connector, &options))
    };
    let joined = join(fleet.node(*node).origin(), &rooms[0]);
    assert_eq!(joined.unwrap().room, rooms[0]);
    let refused = join(fleet.front.origin(), "another");
    println!("a new room without the store: {refused:?}");
    assert!(refused.is_err());
    std::thread::sleep(Duration::from_secs(20));
    let sent = snapshots() - before;
    let wanted = clock.elapsed().as_secs_f64() * SNAPSHOT_RATE * (3 * PAGES) as f64;
    println!("{:.1} % of the snapshots meanwhile", 100.0 * sent / wanted);
    assert!(sent >= LEAST_PLAY * wanted, "{sent} of {wanted}");
    fleet.redis.freeze(false).unwrap();
    std::thread::sleep(2 * LEASE_LIFETIME);
    others_have_stayed(&fleet, &visitors, since, &[]);
    assert_eq!(fleet.spread(all_rooms()), spread);

    fleet.redis.flush().unwrap();
    let joined = join(fleet.front.origin(), &rooms[0]);
    assert_eq!(joined.unwrap().room, rooms[0]);
    std::thread::sleep(2 * LEASE_LIFETIME);
    others_have_stayed(&fleet, &visitors, since, &[]);
    assert_eq!(fleet.spread(all_rooms()), spread);
}

#[test]
fn a_thousand_joins_at_once_split_no_room_and_fill_no_node_over_its_cap() {
    const JOINS: usize = 1_000;
    const CAP: usize = 40;
    let Some(fleet) = Fleet::start(CAP) else {
        return;
    };
    let Some(second) = start_front(&fleet.redis) else {
        return;
    };
    let fronts = [fleet.front.origin(), second.origin()];
    let connector = Connector::new(&Trust::Anything).unwrap();
    let before = calls(&fleet);
    let joins = (0..JOINS).map(|number| {
        let (connector, origin) = (connector.clone(), fronts[number % 2].clone());
        async move {
            let clock = Stopwatch::start();
            let options = PlayerOptions {
                // Half by name, and these ten to a room.
                room: (number % 2 == 0).then(|| format!("named-{}", number / 2 % 50)),
                ..PlayerOptions::new(origin)
            };
            let joined = Admission::ask(&connector, &options).await;
            (joined, clock.elapsed())
        }
    });
    let clock = Stopwatch::start();
    let joined = fleet
        .runtime
        .block_on(futures_util::future::join_all(joins));
    let in_all = clock.elapsed();
    let trips = (calls(&fleet) - before) / JOINS as f64;
    let mut rooms = BTreeMap::<String, Vec<String>>::new();
    let (mut took, mut refused) = (Vec::new(), 0);
    for (joined, time) in joined {
        let Ok(admission) = joined else {
            refused += 1;
            continue;
        };
        took.push(time);
        let url = admission.rungs[0].url().to_owned();
        rooms.entry(admission.room).or_default().push(url);
    }
    took.sort();
    println!(
        "{} places in {} rooms, {refused} refused, in {in_all:?}; each {:?} in the median, {:?} at the 99th percentile; \
         {trips:.1} calls of the store a join",
        took.len(),
        rooms.len(),
        took[took.len() / 2],
        took[took.len() * 99 / 100]
    );
    for (room, urls) in &rooms {
        assert!(urls.iter().all(|url| *url == urls[0]), "{room} is split");
        assert!(urls.len() <= 12, "{room}: {}", urls.len());
    }
    assert_eq!(refused, 0);
    for rooms in fleet.rooms() {
        assert!(rooms <= CAP as f64, "{rooms}");
    }
}

/// Calls that the store has answered, without those that nodes make anyway.
fn calls(fleet: &Fleet) -> f64 {
    let info = fleet.redis.ask(&["INFO", "commandstats"]).unwrap();
    let count = |line: &str| -> Option<f64> {
        let (name, rest) = line.split_once(':')?;
        let is_ours = name.contains("evalsha") || name.ends_with("_get");
        let calls = rest.strip_prefix("calls=")?.split(',').next()?;
        is_ours.then(|| calls.parse().unwrap_or(0.0))
    };
    info.lines().filter_map(count).sum()
}
