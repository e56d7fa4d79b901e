//! What a fleet says at its doors: whichever node or front a join reaches, it gets what one server would say; a node that can't be
//! reached, has another secret or has lost its name costs nobody a place.

use std::net::SocketAddr;
use std::time::Duration;

use client::native::{Player, PlayerOptions};
use netlab::clock::Stopwatch;
use netlab::http::{self, Answer};
use netlab::player::CirclesCodec;
use netlab::server_process::{ServerError, ServerOptions, ServerProcess};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::PROTOCOL_VERSION;
use serde_json::{Value, json};
use tests::fleet::{Fleet, NODES, PATIENCE};

/// An SDK gives a join up that isn't answered in so long.
const IN_TIME: Duration = Duration::from_secs(2);

const ROOMS: usize = 4;

/// A node's doors, or a front's.
fn doors(fleet: &Fleet) -> Vec<SocketAddr> {
    let nodes = (0..NODES).map(|number| door(fleet, number));
    nodes.chain([fleet.front.local_address()]).collect()
}

fn door(fleet: &Fleet, number: usize) -> SocketAddr {
    SocketAddr::from((fleet.hosts.host(number).address(), 8080))
}

fn join(door: SocketAddr, wish: Value) -> (Answer, Value) {
    let mut body = json!({ "protocol": PROTOCOL_VERSION, "name": "one" });
    let members = wish.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(members);
    let headers = ["content-type: application/json"];
    let answer = http::request(
        door,
        "POST",
        "/v1/join",
        &headers,
        body.to_string().as_bytes(),
    );
    let answer = answer.unwrap();
    let said = serde_json::from_str(&answer.body).unwrap();
    (answer, said)
}

#[test]
fn each_door_keeps_strangers_out_of_private_rooms_and_refuses_names_that_are_none() {
    let Some(fleet) = Fleet::start(ROOMS) else {
        return;
    };
    for door in doors(&fleet) {
        let (answer, host) = join(door, json!({ "visibility": "private" }));
        assert_eq!(
            (answer.status, &host["visibility"]),
            (200, &json!("private")),
            "{host}"
        );
        for door in doors(&fleet) {
            let (answer, stranger) = join(door, json!({}));
            assert_eq!(answer.status, 200, "{stranger}");
            assert_ne!(stranger["room"], host["room"]);
            assert_eq!(stranger["visibility"], "public");
        }
        for name in [
            json!("a b"),
            json!("\u{e4}"),
            json!(""),
            json!("x".repeat(33)),
            json!(5),
        ] {
            let (answer, said) = join(door, json!({ "room": name }));
            assert_eq!(answer.status, 400, "{name}: {said}");
        }
    }
}

#[test]
fn friends_who_come_at_once_by_several_doors_meet_in_their_room() {
    let Some(fleet) = Fleet::start(ROOMS) else {
        return;
    };
    let doors = doors(&fleet);
    let all = std::thread::scope(|scope| {
        let each = (0..20).map(|number| {
            let door = doors[number % doors.len()];
            scope.spawn(move || join(door, json!({ "room": format!("friends-{}", number / 5) })))
        });
        let threads: Vec<_> = each.collect();
        let each = threads.into_iter().map(|thread| thread.join().unwrap());
        each.collect::<Vec<_>>()
    });
    for (answer, said) in &all {
        assert_eq!(answer.status, 200, "{said}");
    }
    for friends in all.chunks(5) {
        let url = &friends[0].1["rungs"][0]["url"];
        assert!(
            friends
                .iter()
                .all(|(_, said)| said["rungs"][0]["url"] == *url),
            "{friends:?}"
        );
    }
}

#[test]
fn a_node_that_cannot_be_reached_costs_newcomers_nothing() {
    let Some(fleet) = Fleet::start(ROOMS) else {
        return;
    };
    // It has place for most rooms, and says that it is to be found where nobody is.
    let mut options = fleet.node_options(NODES, 50);
    let config = options.config.take().unwrap();
    options.config = Some(format!("{config}\nfleet_address = \"http://127.0.0.1:9\""));
    let _unreachable = ServerProcess::start(options, None).unwrap();
    fleet.wait_until_ready(NODES + 1);
    for door in doors(&fleet) {
        for _ in 0..5 {
            let clock = Stopwatch::start();
            let (answer, said) = join(door, json!({}));
            assert_eq!(answer.status, 200, "{said}");
            assert!(clock.elapsed() < IN_TIME, "{:?}", clock.elapsed());
        }
    }
}

#[test]
fn a_front_shows_what_the_nodes_keep_of_players() {
    let Some(mut fleet) = Fleet::start(ROOMS) else {
        return;
    };
    let front = fleet.front.local_address();
    let ask = |target: &str| http::get(front, target).unwrap();
    // These nodes keep nothing, and the front says so for them.
    assert_eq!(ask("/v1/leaderboard").status, 404);
    fleet.nodes.clear();
    let mut options = fleet.node_options(NODES, ROOMS);
    let config = options.config.take().unwrap();
    options.config = Some(config.replace("database = \"off\"", "database = \"sqlite\""));
    fleet
        .nodes
        .push(Some(ServerProcess::start(options, None).unwrap()));
    fleet.wait_until_ready(1);
    let board = ask("/v1/leaderboard?window=day&limit=5");
    assert_eq!(board.status, 200, "{}", board.body);
    assert_eq!(ask("/v1/leaderboard?limit=0").status, 400);
    assert_eq!(ask("/v1/players/me").status, 401);
}

#[test]
fn a_node_with_another_secret_or_a_name_that_is_taken_does_not_start() {
    let Some(fleet) = Fleet::start(ROOMS) else {
        return;
    };
    let refused = |change: &dyn Fn(String) -> String| {
        let options = fleet.node_options(NODES, ROOMS);
        let config = options.config.clone().map(change);
        let options = ServerOptions { config, ..options };
        match ServerProcess::start(options, None) {
            Err(ServerError::Ended { status, log, .. }) => {
                assert_eq!(status.code(), Some(2), "{log}");
                log
            }
            other => panic!("{other:?}"),
        }
    };
    let log = refused(&|config| config.replace("0123456789abcdef0", "another-secret--0"));
    assert!(log.contains("token_secret: node \"node-"), "{log}");
    let log = refused(&|config| config.replace("node-3", "node-1"));
    assert!(
        log.contains("another server of the fleet is called"),
        "{log}"
    );
    assert_eq!(join(fleet.front.local_address(), json!({})).0.status, 200);
}

#[test]
fn a_process_that_has_lost_its_name_ends_and_its_rooms_can_be_joined() {
    let Some(mut fleet) = Fleet::start(ROOMS) else {
        return;
    };
    let (_, said) = join(door(&fleet, 0), json!({ "room": "mine" }));
    let holder = fleet.holder("mine").unwrap_or_else(|| panic!("{said}"));
    let mut first = fleet.nodes[holder].take().unwrap();
    let process = Pid::from_raw(first.pid().cast_signed());
    kill(process, Signal::SIGSTOP).unwrap();
    // Another process, elsewhere, takes the name as soon as it is free.
    let options = fleet.node_options(NODES, ROOMS);
    let name = format!("node-{holder}");
    let config = options
        .config
        .clone()
        .map(|config| config.replace("node-3", &name));
    let second = ServerProcess::start(ServerOptions { config, ..options }, None);
    let _second = second.unwrap();
    kill(process, Signal::SIGCONT).unwrap();
    let clock = Stopwatch::start();
    let status = loop {
        if let Some(status) = first.exit_status() {
            break status;
        }
        assert!(clock.remaining(PATIENCE).is_some(), "{}", first.log_tail(5));
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(2), "{}", first.log_tail(5));
    assert!(
        first.log_tail(3).contains("has taken this name"),
        "{}",
        first.log_tail(5)
    );
    fleet.wait_until_ready(NODES);
    let (answer, said) = join(fleet.front.local_address(), json!({ "room": "mine" }));
    assert_eq!(answer.status, 200, "{said}");
}

#[test]
fn a_room_that_ends_while_the_store_takes_no_writes_is_over() {
    let Some(fleet) = Fleet::start(ROOMS) else {
        return;
    };
    let is_saved = || {
        fleet
            .redis
            .ask(&["HEXISTS", "game:{ghost}:state", "saved"])
            .unwrap()
            == "1"
    };
    let wait_until = |what: &str, is_so: &dyn Fn() -> bool| {
        let clock = Stopwatch::start();
        while !is_so() {
            assert!(clock.remaining(2 * PATIENCE).is_some(), "not {what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let options = PlayerOptions {
        room: Some("ghost".to_owned()),
        ..PlayerOptions::new(fleet.front.origin())
    };
    let player = fleet
        .runtime
        .block_on(Player::<CirclesCodec>::connect(&options));
    let player = player.unwrap();
    wait_until("saved", &is_saved);
    // A replica only reads; what it holds stays.
    fleet.redis.ask(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    fleet.runtime.block_on(player.leave());
    wait_until("over", &|| fleet.rooms().iter().sum::<f64>() == 0.0);
    assert!(is_saved());
    fleet.redis.ask(&["REPLICAOF", "NO", "ONE"]).unwrap();
    wait_until("forgotten", &|| !is_saved());
    let (answer, said) = join(fleet.front.local_address(), json!({ "room": "ghost" }));
    assert_eq!(answer.status, 200, "{said}");
}
