//! Who gets a place, and keeps it: options, tokens, stolen ones too, and logins.

use std::time::Duration;

use protocol::control::{ClientFrame, ClientMessage, CloseReason, LinkId};
use server::config::Config;

use crate::client::{Client, Heard, ask, join, join_logged_in, join_with, list, resume};
use crate::harness::{Server, first_tick, is_sum, serve};
use crate::login_service::LoginService;
use crate::tally::UNWANTED;

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
async fn whoever_has_a_stolen_token_gets_neither_a_link_of_the_session_nor_its_seat() {
    const KEY: u64 = 0xab_cdef_0123 << LinkId::COUNT_BITS;
    let (server, _stop, _folder) = serve().await;
    let token = join(server, "lobby").await;
    let mut owner = Client::attach(server, &token, KEY + 7).await;
    let tick = first_tick(&mut owner).await;
    owner.input(tick.plus(30), &[0, 5]);
    owner.hear_until(is_sum(5)).await;
    let alive = async {
        loop {
            owner.frame(&ClientFrame::Ping(1)).await;
            first_tick(&mut owner).await;
        }
    };
    let attacks = async {
        // Without the key no link attaches, nor a further socket of the owner's.
        for (link, stripe) in [(1, 0), (7, 1), (7, 7), (u64::MAX, 0)] {
            let mut thief = Client::attach_stripe(server, &token, link, stripe).await;
            thief.is_closed(CloseReason::StaleLink).await;
        }
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
    owner.hear_until(is_sum(5)).await;
    owner.move_to(server, &token, KEY + 2).await;
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
async fn a_seat_of_an_identity_goes_on_with_that_identity_alone() {
    let (server, _stop, _folder) = serve().await;
    let [ada, eve] = ["AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0OEA"];
    let (_, answer) = ask(server, &format!(r#""room":"pond","identity":"{ada}""#)).await;
    let token = answer["token"].as_str().unwrap().to_owned();
    let mut owner = Client::attach(server, &token, 1).await;
    first_tick(&mut owner).await;
    drop(owner);
    let thief = format!(r#""resume":"{token}","identity":"{eve}""#);
    for (status, _) in [resume(server, &token).await, ask(server, &thief).await] {
        assert_eq!(status, 410);
    }
    // One that would take any seat gets one of its own.
    let (status, answer) = ask(server, &format!(r#"{thief},"or_new":true"#)).await;
    assert_eq!((status, answer["resumed"].as_bool()), (200, Some(false)));
    // Its own player needs no token: the tab is closed, and the same browser comes again.
    let owner = format!(r#""room":"pond","identity":"{ada}""#);
    let (status, answer) = ask(server, &owner).await;
    assert_eq!((status, answer["resumed"].as_bool()), (200, Some(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_tab_of_a_player_who_is_there_has_a_seat_of_its_own() {
    let (server, _stop, _folder) = serve().await;
    let wish = r#""room":"pond","identity":"AAECAwQFBgcICQoLDA0ODw""#;
    let (_, answer) = ask(server, wish).await;
    let token = answer["token"].as_str().unwrap().to_owned();
    let mut player = Client::attach(server, &token, 1).await;
    first_tick(&mut player).await;
    let (status, answer) = ask(server, wish).await;
    assert_eq!((status, answer["resumed"].as_bool()), (200, Some(false)));
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
        loop {
            match join_logged_in(address, &ada).await.0 {
                200 => break,
                // Not a no: a client asks again.
                503 => tokio::time::sleep(Duration::from_millis(20)).await,
                status => panic!("{status}"),
            }
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
