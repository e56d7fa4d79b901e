//! The second game plays: inputs in, snapshots and events out.

use protocol::codec::{decode, encode};
use protocol::control::ClientMessage;

use crate::client::{Client, Heard, deed, join};
use crate::harness::{first_tick, is_sum, serve};
use crate::tally::Deed;

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
