//! How long a player waits from the click to the first snapshot, and whether it comes at all on a bad path.

use std::time::Duration;

use netlab::path::{Loss, PathConfig};
use netlab::playground::Playground;
use netlab::prerequisites::available;
use netlab::sdk_page::{Attempt, ConnectPlan, SdkBrowser, Tally, connects};
use protocol::rung::Rung;

/// Of 100 connects, those that may take longer than 90 of 100 should: ten, and what chance adds to a sample in one run of
/// forty (two standard deviations).
const MOST_SLOW: usize = 16;

/// 100 ms there and back.
fn link(loss_percent: f64) -> PathConfig {
    PathConfig {
        delay_ms: 50.0,
        loss: Loss::Uniform {
            percent: loss_percent,
        },
        ..PathConfig::default()
    }
}

fn measured(browser: &SdkBrowser, plan: &ConnectPlan) -> (Vec<Attempt>, Tally) {
    let attempts = connects(browser, plan).unwrap();
    let tally = Tally::of(&attempts);
    let name = plan.rung.map_or("ladder", Rung::name);
    println!("{name}: {tally:.0?}");
    (attempts, tally)
}

#[test]
fn at_100_ms_round_trip_the_first_snapshot_comes_soon() {
    let Some(ground) = Playground::across(&link(0.0), 11) else {
        return;
    };
    let Some(browser) = available(SdkBrowser::launch(&ground.server, ground.lab.as_ref())) else {
        return;
    };
    for (rung, bound_ms) in [
        (None, 450.0),
        (Some(Rung::WebTransport), 500.0),
        (Some(Rung::WebRtc), 1_300.0),
    ] {
        let plan = ConnectPlan {
            rung,
            count: 12,
            abreast: 3,
            typing: Duration::from_secs(1),
            patience: Duration::from_secs(10),
        };
        let (attempts, tally) = measured(&browser, &plan);
        assert_eq!(tally.hung, 0, "{attempts:?}");
        assert!(tally.p50.unwrap() <= bound_ms, "{attempts:?}");
    }
}

#[test]
fn at_10_percent_loss_every_connect_comes_up() {
    let Some(ground) = Playground::across(&link(10.0), 12) else {
        return;
    };
    let Some(browser) = available(SdkBrowser::launch(&ground.server, ground.lab.as_ref())) else {
        return;
    };
    for rung in Rung::ALL {
        let plan = ConnectPlan {
            rung: Some(rung),
            count: 100,
            abreast: 10,
            typing: Duration::from_millis(300),
            patience: Duration::from_secs(25),
        };
        let (attempts, tally) = measured(&browser, &plan);
        assert_eq!((tally.came_up, tally.hung), (100, 0), "{attempts:?}");
        if rung == Rung::WebRtc {
            let took = attempts.iter().filter_map(|attempt| attempt.ms);
            let slow = took.filter(|took| *took > 2_500.0).count();
            assert!(slow <= MOST_SLOW, "{attempts:?}");
        }
    }
}
