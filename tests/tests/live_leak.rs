//! Players who come and go, a thousand on each rung, leave the server as it was.

use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::prerequisites::available;
use netlab::sdk_page::SdkBrowser;
use netlab::server_process::{ServerOptions, ServerProcess, Usage};
use protocol::rung::Rung;

/// Joins and leaves on each rung that bring the server's pools and caches to their usual size.
const WARM_UP: usize = 400;
const MEASURED: usize = 1_000;

/// How much more memory a deserted server may hold than before a thousand. A leak of a kilobyte with each join exceeds it,
/// and no session, link or connection is as small as that.
const MARGIN_BYTES: u64 = 1_024 * 1_024;

/// Its allocator's heap grows now and then by more, and then stays; a leak grows with each of so many thousands.
const THOUSANDS: usize = 3;

/// Each page takes this many joins, so that no browser's own leavings slow the later ones.
const JOINS_PER_PAGE: usize = 100;

/// How long the last room and the last connection may stay when everybody has gone.
const PATIENCE: Duration = Duration::from_secs(40);

/// Pages, and joins at once in each. Chromium delays WebSockets when more than a few of a page's are opening.
fn crowd(rung: Rung) -> (usize, usize) {
    match rung {
        Rung::WebTransport | Rung::WebRtc => (2, 4),
        Rung::WebSocket => (4, 2),
    }
}

fn come_and_go(browser: &SdkBrowser, rung: Rung, count: usize) {
    let (pages, abreast) = crowd(rung);
    std::thread::scope(|scope| {
        for page in 0..pages {
            let mut left = count / pages + usize::from(page < count % pages);
            scope.spawn(move || {
                while left > 0 {
                    let visitor = browser.new_visitor().unwrap();
                    let joins = left.min(JOINS_PER_PAGE);
                    let errors = visitor.join_and_leave(rung, joins, abreast).unwrap();
                    assert_eq!(errors, [""; 0], "{}", rung.name());
                    visitor.close().unwrap();
                    left -= joins;
                }
            });
        }
    });
}

/// What a deserted server holds.
#[derive(Debug)]
struct Holdings {
    usage: Usage,
    tasks: f64,
}

/// Waits until the server says that nobody is there, and holds no more threads and open files than `at_most`, nor tasks
/// than `most_tasks`.
fn when_deserted(server: &ServerProcess, at_most: Usage, most_tasks: f64) -> Holdings {
    let clock = Stopwatch::start();
    loop {
        let metrics = server.metrics(None).unwrap();
        let held = ["links", "sessions", "rooms"]
            .map(|what| metrics.sum(&format!("game_server_{what}"), &[]));
        let rooms = server.get("/v1/rooms", None).unwrap().body;
        let holdings = Holdings {
            usage: server.usage().unwrap(),
            tasks: metrics.sum("game_server_tasks", &[]),
        };
        let is_small = holdings.usage.threads <= at_most.threads
            && holdings.usage.files <= at_most.files
            && holdings.tasks <= most_tasks;
        if held == [0.0; 3] && rooms == "[]" && is_small {
            return holdings;
        }
        assert!(
            clock.remaining(PATIENCE).is_some(),
            "links, sessions and rooms: {held:?}, {rooms}; {holdings:?}, wanted: {at_most:?}, {most_tasks} tasks"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_thousand_joins_and_leaves_on_each_rung_leave_nothing_behind() {
    let options = ServerOptions {
        config: Some("room_linger = 1".into()),
        ..ServerOptions::default()
    };
    let Some(server) = available(ServerProcess::start(options, None)) else {
        return;
    };
    let Some(browser) = available(SdkBrowser::launch(&server, None)) else {
        return;
    };
    let at_start = server.usage().unwrap();
    for rung in Rung::ALL {
        come_and_go(&browser, rung, WARM_UP);
    }
    let mut before = when_deserted(&server, at_start, f64::INFINITY);
    println!("warmed up: {before:?}");
    for rung in Rung::ALL {
        let has_settled = (0..THOUSANDS).any(|_| {
            let after = after_a_thousand(&server, &browser, rung, (at_start, before.tasks));
            let most = before.usage.memory + MARGIN_BYTES;
            before = after;
            before.usage.memory <= most
        });
        assert!(has_settled, "{}: memory grew each time", rung.name());
    }
}

fn after_a_thousand(
    server: &ServerProcess,
    browser: &SdkBrowser,
    rung: Rung,
    (at_start, most_tasks): (Usage, f64),
) -> Holdings {
    let clock = Stopwatch::start();
    let opened = opened_links(server, rung);
    come_and_go(browser, rung, MEASURED);
    let opened = opened_links(server, rung) - opened;
    let seconds = clock.elapsed().as_secs_f64();
    let after = when_deserted(server, at_start, most_tasks);
    let name = rung.name();
    println!("{name}: {opened} links in {seconds:.0} s, then {after:?}");
    assert!(opened >= MEASURED as f64, "{name}");
    after
}

fn opened_links(server: &ServerProcess, rung: Rung) -> f64 {
    let labels = [("rung", rung.name())];
    let metrics = server.metrics(None).unwrap();
    metrics.sum("game_server_links_opened_total", &labels)
}
