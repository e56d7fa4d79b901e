//! The State lane alone: sequence numbers and acknowledgements of a player and the server, at the game's rates.

use std::hint::black_box;
use std::time::Duration;

use protocol::state_lane::StateLane;
use protocol::tick::Tick;

/// Seconds of 20 datagrams down and 30 up.
pub(crate) fn seconds(seconds: u32) {
    let (mut server, mut client) = (StateLane::default(), StateLane::default());
    for number in 0..seconds * 60 {
        let (now, tick) = (Duration::from_micros(16_667) * number, Tick(number));
        if number % 3 == 0 {
            let header = server.send(now, tick);
            client.receive(now, header, |news| {
                black_box(news);
            });
        }
        if number % 2 == 0 {
            let header = client.send(now, tick);
            server.receive(now, header, |news| {
                black_box(news);
            });
        }
    }
    black_box((server.path().round_trip(), client.path().round_trip()));
}
