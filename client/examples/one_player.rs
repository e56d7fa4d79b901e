//! One player of Battle Circles: joins, goes in circles for five seconds, says what it measured, and leaves.
//!
//! `one_player [ORIGIN [RUNG]]`, by default `http://localhost:8080 websocket`.

use std::f64::consts::TAU;
use std::time::Duration;

use client::native::{ConnectError, Player, PlayerOptions};
use client::session::{Event, GameCodec};
use game::wire::{Baseline, GameInput, decode_delta};
use protocol::codec::DecodeError;
use protocol::rung::Rung;

/// Battle Circles' wire.
struct Circles;

impl GameCodec for Circles {
    type View = Baseline;
    type Input = GameInput;

    fn decode_delta(baseline: &Baseline, age: u16, delta: &[u8]) -> Result<Baseline, DecodeError> {
        decode_delta(baseline, age, delta).map_err(|_| DecodeError::Malformed)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ConnectError> {
    let mut arguments = std::env::args().skip(1);
    let origin = arguments.next();
    let rung = arguments.next().unwrap_or_default();
    let options = PlayerOptions {
        name: "Example".to_owned(),
        rung: Rung::ALL
            .into_iter()
            .find(|known| known.name() == rung)
            .unwrap_or(Rung::WebSocket),
        ..PlayerOptions::new(origin.as_deref().unwrap_or("http://localhost:8080"))
    };
    let mut player = Player::<Circles>::connect(&options).await?;
    println!("in room {} over {}", player.admission().room, options.rung);
    let _ = tokio::time::timeout(Duration::from_secs(5), play(&mut player)).await;
    if let Some((tick, view)) = player.newest() {
        let others = view.view().circles.len();
        println!("tick {}: {others} other circles in view", tick.0);
    }
    println!("{:#?}", player.leave().await);
    Ok(())
}

/// Steers along a circle, a bit at each snapshot, until the session is over.
async fn play(player: &mut Player<Circles>) {
    while let Some(told) = player.next_event().await {
        match told.event {
            Event::Snapshot { tick, .. } => {
                let (y, x) = (f64::from(tick.0) / 120.0 * TAU).sin_cos();
                player.set_input(GameInput::steering((x * 127.0) as i8, (y * 127.0) as i8));
            }
            Event::SessionClosed(reason) => println!("the session is over: {reason:?}"),
            _ => {}
        }
    }
}
