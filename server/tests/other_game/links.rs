//! A session and its links: it outlives them, and each is used as its player wishes.

use protocol::control::{ClientFrame, ClientMessage, CloseReason, LinkUse};

use crate::client::{Client, Heard, join};
use crate::harness::{first_tick, is_sum, serve};

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
