//! The netcode serves any game: a second game plays through the same rooms, sessions and
//! links, and its faults stay its own.

mod client;
#[path = "../../../signaling/tests/support/login_service.rs"]
mod login_service;
mod tally;

use std::net::SocketAddr;
use std::time::Duration;

use client::{
    Client, Heard, deed, faults, join, join_as, join_logged_in, join_with, list, metric, resume,
};
use login_service::LoginService;
use protocol::codec::{decode, encode};
use protocol::control::{ClientFrame, ClientMessage, CloseReason, LinkUse};
use protocol::tick::Tick;
use server::clock::Clock;
use server::config::Config;
use server::game::{Refusal, RoomInfo};
use server::{Page, Service};
use tally::{ACCUSED, CHEATED, Deed, Tally, UNWANTED, Wishes};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a slow room takes to be made.
const SLOW: Duration = Duration::from_secs(2);

/// One whose label is "slow" takes its time.
fn create_tally(room: RoomInfo<Wishes>) -> Result<Tally, Refusal> {
    if room.options.label == "slow" {
        std::thread::sleep(SLOW);
    }
    Tally::new(&room.options.label)
}

/// The other game on a free port.
struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    folder: TempDir,
}

impl Server {
    async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    async fn start_with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            listen: "127.0.0.1".parse().unwrap(),
            port: 0,
            certificate_directory: folder.path().join("certificates"),
            room_linger: 0,
            ..config
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let (listening, address) = oneshot::channel();
        let task = tokio::spawn(async move {
            let announce = move |at: &server::Listening| listening.send(at.address).unwrap();
            let shutdown = async { drop(stopped.await) };
            let service = Service {
                seats: 4,
                create: create_tally,
                page: Page::none(),
            };
            server::serve(config, service, announce, shutdown)
                .await
                .unwrap();
        });
        Self {
            address: address.await.unwrap(),
            stop,
            task,
            folder,
        }
    }
}

/// Serves the other game until the sender is dropped.
async fn serve() -> (SocketAddr, oneshot::Sender<()>, TempDir) {
    let server = Server::start().await;
    (server.address, server.stop, server.folder)
}

fn is_sum(wanted: u64) -> impl Fn(&Heard) -> bool {
    move |heard| matches!(heard, Heard::Snapshot { sum, .. } if *sum == wanted)
}

async fn first_tick(client: &mut Client) -> Tick {
    match client
        .hear_until(|heard| matches!(heard, Heard::Snapshot { .. }))
        .await
    {
        Heard::Snapshot { tick, .. } => tick,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_game_plays_through_the_same_netcode() {
    let (server, _stop, _folder) = serve().await;
    let mut player = Client::attach(server, &join(server, "lobby").await, 1).await;
    let tick = first_tick(&mut player).await;
    // Inputs for ten ticks, the newest first; neutral ones follow.
    let inputs = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    player.input(tick.plus(31), &inputs);
    player.hear_until(is_sum(10)).await;
    player
        .say(ClientMessage::Action(&deed(Deed::Shout(7))))
        .await;
    let heard = player.hear_until(|heard| matches!(heard, Heard::Event(_)));
    assert_eq!(heard.await, Heard::Event(encode(&vec![7u8])));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_panics_takes_down_no_other() {
    let (server, _stop, _folder) = serve().await;
    let mut bystander = Client::attach(server, &join(server, "calm").await, 1).await;
    let mut victim = Client::attach(server, &join(server, "storm").await, 1).await;
    first_tick(&mut victim).await;
    let before = first_tick(&mut bystander).await;
    victim.say(ClientMessage::Action(&deed(Deed::Fail))).await;
    assert_eq!(
        victim
            .hear_until(|heard| matches!(heard, Heard::Closed(_)))
            .await,
        Heard::Closed(CloseReason::RoomFailed)
    );
    bystander
        .hear_until(
            |heard| matches!(heard, Heard::Snapshot { tick, .. } if tick.since(before) > 60),
        )
        .await;
    // The name is free again, and a new room behind it works.
    let mut next = Client::attach(server, &join(server, "storm").await, 1).await;
    first_tick(&mut next).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_outlives_its_link_and_keeps_its_sum() {
    let (server, _stop, _folder) = serve().await;
    let token = join(server, "lobby").await;
    let mut player = Client::attach(server, &token, 1).await;
    let tick = first_tick(&mut player).await;
    player.input(tick.plus(30), &[0, 5]);
    player.hear_until(is_sum(5)).await;
    player.move_to(server, &token, 2).await;
    let tick = first_tick(&mut player).await;
    player.input(tick.plus(30), &[0, 5]);
    player.hear_until(is_sum(10)).await;
    let mut replayed = Client::attach(server, &token, 2).await;
    assert_eq!(
        replayed
            .hear_until(|heard| matches!(heard, Heard::Closed(_)))
            .await,
        Heard::Closed(CloseReason::StaleLink)
    );
    let refused_at = first_tick(&mut player).await;
    player
        .hear_until(
            |heard| matches!(heard, Heard::Snapshot { tick, .. } if tick.since(refused_at) > 30),
        )
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_link_carries_no_state_until_it_is_wanted() {
    let (server, _stop, _folder) = serve().await;
    let token = join(server, "lobby").await;
    let mut old = Client::attach(server, &token, 1).await;
    first_tick(&mut old).await;
    let mut new = Client::attach(server, &token, 2).await;
    first_tick(&mut new).await;
    old.frame(&ClientFrame::Use(LinkUse::Standby)).await;
    // A pong on the standby link, with no snapshot after it while the other link gets 40.
    for _ in 0..40 {
        first_tick(&mut new).await;
    }
    old.frame(&ClientFrame::Use(LinkUse::Active)).await;
    let resumed = first_tick(&mut new).await;
    let mut seen = Vec::new();
    loop {
        let tick = first_tick(&mut old).await;
        seen.push(tick);
        if tick.since(resumed) >= 0 {
            break;
        }
    }
    let gap = seen
        .windows(2)
        .map(|pair| pair[1].since(pair[0]))
        .max()
        .unwrap_or(0);
    assert!(gap > 60, "the standby link went on: {seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_comes_as_its_player_leaves_holds_no_seat() {
    let (server, _stop, _folder) = serve().await;
    // The rooms have four seats, so a ghost in each turn would fill them.
    for _ in 0..12 {
        let token = join(server, "lobby").await;
        let mut player = Client::attach(server, &token, 1).await;
        first_tick(&mut player).await;
        let straggler = Client::attach(server, &token, 2);
        let (_, mut straggler) = tokio::join!(player.say(ClientMessage::Leave), straggler);
        straggler
            .hear_until(|heard| matches!(heard, Heard::Closed(_) | Heard::Ended))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leave_frees_the_place_and_a_forged_token_gets_none() {
    let (server, _stop, _folder) = serve().await;
    let token = join(server, "lobby").await;
    let mut player = Client::attach(server, &token, 1).await;
    first_tick(&mut player).await;
    player.say(ClientMessage::Leave).await;
    assert_eq!(
        player
            .hear_until(|heard| matches!(heard, Heard::Closed(_)))
            .await,
        Heard::Closed(CloseReason::Left)
    );
    let mut late = Client::attach(server, &token, 2).await;
    assert_eq!(late.hear().await, Heard::Closed(CloseReason::Expired));
    let mut forged = Client::attach(server, "AAAA", 1).await;
    assert_eq!(forged.hear().await, Heard::Closed(CloseReason::BadToken));
}

/// Waits until a fault of the game's has been counted.
async fn is_counted(server: SocketAddr, kind: &str) {
    let counted = async {
        while faults(server, kind).await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let outcome = tokio::time::timeout(Duration::from_secs(5), counted).await;
    outcome.unwrap_or_else(|_| panic!("{kind} is not counted"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_game_does_wrong_is_counted_and_ends_no_room() {
    let (server, _stop, _folder) = serve().await;
    let mut player = Client::attach(server, &join(server, "lobby").await, 1).await;
    first_tick(&mut player).await;

    for (name, kind) in [("Outsider", "seat-out-of-range"), ("Twin", "seat-taken")] {
        let token = join_as(name, server, "lobby").await;
        let mut turned_away = Client::attach(server, &token, 1).await;
        turned_away
            .hear_until(|heard| matches!(heard, Heard::Closed(_)))
            .await;
        is_counted(server, kind).await;
    }
    player.say(ClientMessage::Action(&deed(Deed::Blurt))).await;
    is_counted(server, "event-too-long").await;
    // Events that fit still come.
    player
        .say(ClientMessage::Action(&deed(Deed::Shout(7))))
        .await;
    let heard = player.hear_until(|heard| matches!(heard, Heard::Event(_)));
    assert_eq!(heard.await, Heard::Event(encode(&vec![7u8])));
    player
        .say(ClientMessage::Action(&deed(Deed::Chatter)))
        .await;
    player
        .say(ClientMessage::Action(&deed(Deed::Shout(8))))
        .await;
    let heard = player.hear_until(|heard| matches!(heard, Heard::Event(_)));
    assert_eq!(heard.await, Heard::Event(encode(&vec![8u8])));
    let mut newcomer = Client::attach(server, &join(server, "lobby").await, 1).await;
    newcomer.is_closed(CloseReason::Backlogged).await;
    is_counted(server, "too-much-to-catch-up").await;
    player.say(ClientMessage::Action(&deed(Deed::Bloat))).await;
    is_counted(server, "snapshot-over-budget").await;
    player.say(ClientMessage::Leave).await;
    let heard = player.hear_until(|heard| matches!(heard, Heard::Closed(_)));
    assert_eq!(heard.await, Heard::Closed(CloseReason::Left));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_game_can_turn_away_a_player_an_action_and_a_seat_each_with_its_own_reason() {
    let (server, _stop, _folder) = serve().await;
    let token = join_as("Stranger", server, "lobby").await;
    let mut stranger = Client::attach(server, &token, 1).await;
    stranger.is_closed(CloseReason::Refused(UNWANTED)).await;

    let mut cheater = Client::attach(server, &join(server, "lobby").await, 1).await;
    cheater.say(ClientMessage::Action(&deed(Deed::Cheat))).await;
    let refused = CloseReason::ActionRefused(CHEATED);
    cheater.is_closed(refused).await;

    let mut babbler = Client::attach(server, &join(server, "lobby").await, 1).await;
    babbler.say(ClientMessage::Action(&[200, 200])).await;
    babbler.is_closed(CloseReason::ActionRefused(0)).await;

    let mut accuser = Client::attach(server, &join(server, "lobby").await, 1).await;
    first_tick(&mut accuser).await;
    let mut accused = Client::attach(server, &join(server, "lobby").await, 1).await;
    first_tick(&mut accused).await;
    accuser
        .say(ClientMessage::Action(&deed(Deed::Accuse(1))))
        .await;
    accused.is_closed(CloseReason::Kicked(ACCUSED)).await;
    accuser
        .say(ClientMessage::Action(&deed(Deed::Finish)))
        .await;
    accuser.is_closed(CloseReason::RoomEnded).await;
    // The name is free again.
    let mut next = Client::attach(server, &join(server, "lobby").await, 1).await;
    first_tick(&mut next).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_for_one_seat_reaches_no_other() {
    let (server, _stop, _folder) = serve().await;
    let mut one = Client::attach(server, &join(server, "lobby").await, 1).await;
    let mut other = Client::attach(server, &join(server, "lobby").await, 1).await;
    first_tick(&mut one).await;
    first_tick(&mut other).await;
    for deed_of_one in [Deed::Mutter(3), Deed::Shout(4)] {
        one.say(ClientMessage::Action(&deed(deed_of_one))).await;
    }
    let heard = other.hear_until(|heard| matches!(heard, Heard::Event(_)));
    assert_eq!(heard.await, Heard::Event(encode(&vec![4u8])));
    let heard = one.hear_until(|heard| matches!(heard, Heard::Event(_)));
    assert_eq!(heard.await, Heard::Event(encode(&vec![3u8])));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_game_knows_which_tick_a_player_sees() {
    let (server, _stop, _folder) = serve().await;
    let mut player = Client::attach(server, &join(server, "lobby").await, 1).await;
    let tick = first_tick(&mut player).await;
    player.input(tick.plus(20), &[1]);
    player.hear_until(is_sum(1)).await;
    player.say(ClientMessage::Action(&deed(Deed::Peek))).await;
    let heard = player.hear_until(|heard| matches!(heard, Heard::Event(_)));
    let Heard::Event(bytes) = heard.await else {
        unreachable!("it was an event");
    };
    let ago = decode::<Vec<u8>>(&bytes, 8).unwrap();
    assert!((0..=30).contains(&ago[0]), "{ago:?} ticks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_options_of_a_join_reach_the_game_and_its_label_the_list() {
    let (server, _stop, _folder) = serve().await;
    let options = r#"{"label":"Round 1","from":40}"#;
    let (status, answer) = join_with(server, "options", options).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["token"].as_str().unwrap().to_owned();
    let mut player = Client::attach(server, &token, 1).await;
    player.hear_until(is_sum(40)).await;
    let listed = async {
        loop {
            let rooms = list(server).await;
            let room = &rooms[0];
            if room["label"] == "Round 1" {
                break assert_eq!(room["visibility"], "public");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let outcome = tokio::time::timeout(Duration::from_secs(5), listed).await;
    outcome.expect("the label is listed");

    for (options, status, kind) in [
        (r#"{"label":3}"#, 400, "/problems/bad-options"),
        (r#"{"unheard":3}"#, 400, "/problems/bad-options"),
        (r#"[1]"#, 400, "/problems/bad-options"),
    ] {
        let (answered, problem) = join_with(server, "refused", options).await;
        assert_eq!((answered, problem["type"].as_str()), (status, Some(kind)));
    }
    let long = format!(r#"{{"label":"{}"}}"#, "x".repeat(1_100));
    assert_eq!(join_with(server, "refused", &long).await.0, 400);
    assert_eq!(list(server).await.as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_takes_long_to_make_holds_up_nobody_else() {
    let (server, _stop, _folder) = serve().await;
    let clock = Clock::start();
    let players = (0..2).map(async |_| {
        let token = join_slow(server).await;
        first_tick(&mut Client::attach(server, &token, 1).await).await;
        clock.now()
    });
    let others = async {
        for number in 0..20 {
            list(server).await;
            let token = join(server, &format!("quick-{number}")).await;
            first_tick(&mut Client::attach(server, &token, 1).await).await;
        }
        clock.now()
    };
    let (slow, quick) = tokio::join!(futures_util::future::join_all(players), others);
    assert!(quick < SLOW, "{quick:?}");
    assert!(slow.iter().all(|came| *came >= SLOW), "{slow:?}");
}

async fn join_slow(server: SocketAddr) -> String {
    let (status, answer) = join_with(server, "slow", r#"{"label":"slow"}"#).await;
    assert_eq!(status, 200, "{answer}");
    answer["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_comes_to_be_with_its_first_link_and_the_game_may_refuse_it_then() {
    let (server, _stop, _folder) = serve().await;
    // More names than there may be rooms cost nobody a room.
    for number in 0..100 {
        join(server, &format!("named-{number}")).await;
    }
    assert_eq!(metric(server, "game_server_rooms").await, 0);
    let (status, answer) = join_with(server, "refused", r#"{"label":"forbidden"}"#).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["token"].as_str().unwrap();
    let mut refused = Client::attach(server, token, 1).await;
    refused.is_closed(CloseReason::Refused(UNWANTED)).await;
    let mut player = Client::attach(server, &join(server, "lobby").await, 1).await;
    first_tick(&mut player).await;
    assert_eq!(metric(server, "game_server_rooms").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_a_stolen_token_pushes_off_neither_the_owners_link_nor_its_seat() {
    let (server, _stop, _folder) = serve().await;
    let token = join(server, "lobby").await;
    let mut owner = Client::attach(server, &token, 1).await;
    let tick = first_tick(&mut owner).await;
    owner.input(tick.plus(30), &[0, 5]);
    owner.hear_until(is_sum(5)).await;
    let mut thieves = Vec::new();
    // The highest number first, which must not make the owner's own next one stale.
    for link in [u32::MAX, 90, 91] {
        thieves.push(Client::attach(server, &token, link).await);
    }
    let links = "game_server_links{rung=\"websocket\"}";
    while metric(server, links).await < 4 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let alive = async {
        loop {
            owner.frame(&ClientFrame::Ping(1)).await;
            for thief in &mut thieves {
                thief.frame(&ClientFrame::Ping(1)).await;
            }
            first_tick(&mut owner).await;
        }
    };
    let attacks = async {
        let mut fifth = Client::attach(server, &token, 92).await;
        fifth.is_closed(CloseReason::StaleLink).await;
        let (status, problem) = resume(server, &token).await;
        assert_eq!(
            (status, problem["type"].as_str()),
            (423, Some("/problems/seat-in-use"))
        );
    };
    tokio::select! {
        () = attacks => {}
        () = alive => {}
    }
    drop(thieves);
    owner.hear_until(is_sum(5)).await;
    owner.move_to(server, &token, 2).await;
    owner.hear_until(is_sum(5)).await;
    // Once the owner has gone the token gives the seat back, with its sum.
    drop(owner);
    let (status, answer) = resume(server, &token).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["token"].as_str().unwrap().to_owned();
    let mut again = Client::attach(server, &token, 1).await;
    again.hear_until(is_sum(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_is_being_made_holds_up_no_shutdown() {
    let server = Server::start().await;
    let address = server.address;
    let token = join_slow(address).await;
    let mut player = Client::attach(address, &token, 1).await;
    while metric(address, "game_server_rooms").await == 0 {
        tokio::task::yield_now().await;
    }
    let clock = Clock::start();
    drop(server.stop);
    let heard = player.hear_until(|heard| matches!(heard, Heard::Closed(_)));
    let Heard::Closed(CloseReason::ShuttingDown(_)) = heard.await else {
        panic!("it is told why");
    };
    server.task.await.unwrap();
    assert!(clock.now() < SLOW / 2, "{:?}", clock.now());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_stripe_holds_a_place_no_longer_than_the_join_does() {
    let (server, _stop, _folder) = serve().await;
    for _ in 0..4 {
        let token = join(server, "lobby").await;
        let mut wrong = Client::attach_stripe(server, &token, 1, 9).await;
        wrong.is_closed(CloseReason::ProtocolViolation).await;
    }
    let freed = async {
        while join_with(server, "lobby", "{}").await.0 != 200 {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    };
    let outcome = tokio::time::timeout(Duration::from_secs(20), freed).await;
    outcome.expect("the places are free again after 15 s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_drains_lets_the_match_end_and_nobody_new_in() {
    let server = Server::start_with(Config {
        drain: 60,
        ..Config::default()
    })
    .await;
    let address = server.address;
    let token = join(address, "lobby").await;
    let mut player = Client::attach(address, &token, 1).await;
    first_tick(&mut player).await;
    drop(server.stop);
    let told = player.hear_until(|heard| matches!(heard, Heard::Draining(_)));
    let Heard::Draining(seconds) = told.await else {
        unreachable!("it was told");
    };
    assert!((50..=60).contains(&seconds), "{seconds}");
    let (status, problem) = join_with(address, "other", "{}").await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (503, Some("/problems/shutting-down"))
    );
    // Whoever plays goes on, over another link too.
    let clock = Clock::start();
    player.move_to(address, &token, 2).await;
    first_tick(&mut player).await;
    player
        .say(ClientMessage::Action(&deed(Deed::Conclude)))
        .await;
    let heard = player.hear_until(|heard| matches!(heard, Heard::Closed(_)));
    let Heard::Closed(CloseReason::ShuttingDown(_)) = heard.await else {
        panic!("it is told why");
    };
    server.task.await.unwrap();
    // The results are shown for a while, and then nothing is waited for.
    assert!(
        (7..15).contains(&clock.now().as_secs()),
        "{:?}",
        clock.now()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_is_judged_with_the_services_keys_and_its_claims_reach_the_game() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    let service = LoginService::new("one");
    std::fs::write(&keys, service.keys()).unwrap();
    let login = serde_json::json!({ "keys": keys });
    let server = Server::start_with(Config {
        login: Some(serde_json::from_value(login).unwrap()),
        ..Config::default()
    })
    .await;
    let address = server.address;
    let ada = service.mint(&serde_json::json!({ "sub": "ada", "exp": 4_000_000_000u64 }));
    let banned = serde_json::json!({ "sub": "eve", "exp": 4_000_000_000u64, "banned": true });
    // The keys are read beside the start.
    let read = async {
        while join_logged_in(address, &ada).await.0 != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let outcome = tokio::time::timeout(Duration::from_secs(5), read).await;
    outcome.expect("the keys are read");
    let players = [
        join_logged_in(address, &ada).await,
        join_logged_in(address, &ada).await,
    ];
    assert_eq!(players[0].1["player"], players[1].1["player"]);
    let (status, answer) = join_logged_in(address, &service.mint(&banned)).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["token"].as_str().unwrap();
    let mut turned_away = Client::attach(address, token, 1).await;
    turned_away.is_closed(CloseReason::Refused(UNWANTED)).await;

    let (status, problem) = join_with(address, "lobby", "{}").await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (403, Some("/problems/login-needed"))
    );
    // Keys rotate: the new ones are read soon, and the old login is no good then.
    let next = LoginService::new("two");
    std::fs::write(&keys, next.keys()).unwrap();
    let rotated = async {
        let login = next.mint(&serde_json::json!({ "sub": "ada", "exp": 4_000_000_000u64 }));
        while join_logged_in(address, &login).await.0 != 200 {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    };
    let outcome = tokio::time::timeout(Duration::from_secs(15), rotated).await;
    outcome.expect("the new keys count");
    assert_eq!(join_logged_in(address, &ada).await.0, 403);
}
