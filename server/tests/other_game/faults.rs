//! What the game refuses, and what it does wrong: told, counted, and nobody else's matter.

use std::net::SocketAddr;
use std::time::Duration;

use protocol::codec::encode;
use protocol::control::{ClientMessage, CloseReason};

use crate::client::{Client, Heard, deed, faults, join, join_as};
use crate::harness::{first_tick, serve};
use crate::tally::{ACCUSED, CHEATED, Deed, UNWANTED};

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
