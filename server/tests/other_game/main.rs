//! The netcode serves any simulation: a second game plays through the same rooms, sessions and
//! links, and its faults stay its own.

mod client;
mod tally;

use std::net::SocketAddr;
use std::time::Duration;

use client::{Client, Heard, deed, faults, join, join_as};
use protocol::control::{ClientFrame, ClientMessage, CloseReason, LinkUse};
use protocol::tick::Tick;
use server::config::Config;
use server::{Game, Page};
use tally::{Deed, Tally};
use tokio::sync::oneshot;

/// Serves the other game on a free port until the sender is dropped.
async fn serve() -> (SocketAddr, oneshot::Sender<()>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        listen: "127.0.0.1".parse().unwrap(),
        port: 0,
        certificate_directory: folder.path().join("certificates"),
        room_linger: 0,
        ..Config::default()
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let (listening, address) = oneshot::channel();
    tokio::spawn(async move {
        let announce = move |at: &server::Listening| listening.send(at.address).unwrap();
        let shutdown = async { drop(stopped.await) };
        let game = Game {
            seats: 4,
            create: |_: &_| Tally::default(),
            page: Page::none(),
        };
        server::serve(config, game, announce, shutdown)
            .await
            .unwrap();
    });
    (address.await.unwrap(), stop, folder)
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
    player.input(tick.plus(31), &inputs).await;
    player.hear_until(is_sum(10)).await;
    player
        .say(ClientMessage::Action(&deed(Deed::Shout(7))))
        .await;
    assert_eq!(
        player
            .hear_until(|heard| matches!(heard, Heard::Event(_)))
            .await,
        Heard::Event(vec![7])
    );
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
    player.input(tick.plus(30), &[0, 5]).await;
    player.hear_until(is_sum(5)).await;
    player.move_to(server, &token, 2).await;
    let tick = first_tick(&mut player).await;
    player.input(tick.plus(30), &[0, 5]).await;
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
    for (fault, kind) in [
        (Deed::Blurt, "event-too-long"),
        (Deed::Dawdle, "tick-not-next"),
    ] {
        player.say(ClientMessage::Action(&deed(fault))).await;
        is_counted(server, kind).await;
    }
    // Events that fit still come.
    player
        .say(ClientMessage::Action(&deed(Deed::Shout(7))))
        .await;
    let heard = player.hear_until(|heard| matches!(heard, Heard::Event(_)));
    assert_eq!(heard.await, Heard::Event(vec![7]));
    player.say(ClientMessage::Action(&deed(Deed::Bloat))).await;
    is_counted(server, "snapshot-over-budget").await;
    player.say(ClientMessage::Leave).await;
    let heard = player.hear_until(|heard| matches!(heard, Heard::Closed(_)));
    assert_eq!(heard.await, Heard::Closed(CloseReason::Left));
}
