//! Rooms from the first link to the end of the server.

use std::net::SocketAddr;
use std::time::Duration;

use protocol::control::{ClientMessage, CloseReason};
use server::clock::Clock;
use server::config::Config;

use crate::client::{Client, Heard, deed, join, join_with, list, metric};
use crate::harness::{SLOW, Server, first_tick, serve};
use crate::tally::{Deed, UNWANTED};

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
async fn a_place_in_a_room_too_many_is_given_up_in_time() {
    let Server { address, stop, .. } = Server::start_with(Config {
        max_rooms: 1,
        ..Config::default()
    })
    .await;
    let (first, second) = (join(address, "first").await, join(address, "second").await);
    let mut player = Client::attach(address, &first, 1).await;
    first_tick(&mut player).await;
    let mut turned_away = Client::attach(address, &second, 1).await;
    turned_away.is_closed(CloseReason::Expired).await;
    let given_up = async {
        while metric(address, "game_server_sessions").await > 1 {
            player.hear().await;
        }
    };
    let outcome = tokio::time::timeout(Duration::from_secs(20), given_up).await;
    outcome.expect("the place is free again after 15 s");
    drop(stop);
}
