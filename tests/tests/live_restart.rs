//! The server ends, in order or not, and another comes in its place: everybody is back in the same seat of the same match,
//! without a click, and not all at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use client::native::{Player, PlayerOptions};
use netlab::browser::{Browser, BrowserKind, BrowserOptions};
use netlab::clock::{Stopwatch, unix_ms};
use netlab::game_page::GamePage;
use netlab::http;
use netlab::player::CirclesCodec;
use netlab::prerequisites::available;
use netlab::sdk_page::{JournalEntry, SdkBrowser};
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::PROTOCOL_VERSION;
use protocol::rung::Rung;
use serde_json::{Value, json};
use tests::returns;

/// Pages, each with a player on each rung.
const PAGES: usize = 10;
const ROOMS: usize = 6;

/// How long players may take until they are back, from the moment on that the server is there.
const MOST_AWAY_MS: f64 = 5_000.0;

/// Joins in any 100 ms, of thirty: their times are spread, and a busy machine lets some of them come together again.
const MOST_JOINS: usize = 9;

/// A server with its data in a folder that outlives it.
fn start(port: Option<u16>, data: &Path) -> Option<ServerProcess> {
    let data = data.display().to_string();
    let options = ServerOptions {
        port,
        environment: vec![("BATTLE_CIRCLES_DATA_DIRECTORY".to_owned(), data)],
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

fn room_of(page: usize, _: Rung) -> String {
    format!("room-{}", page % ROOMS)
}

fn most_at_once(mut times: Vec<f64>) -> usize {
    times.sort_by(f64::total_cmp);
    let within = |from: f64| {
        let span = from..from + 100.0;
        times.iter().filter(|time| span.contains(time)).count()
    };
    times.iter().map(|from| within(*from)).max().unwrap_or(0)
}

/// Ends the server as `end` does, and gives how long after the next one was there each player was back, by `end`'s name
/// in what is printed. Checks all but the crowd.
fn restart(name: &str, end: impl FnOnce(ServerProcess)) -> Option<Vec<f64>> {
    let data = tempfile::tempdir().unwrap();
    let server = start(None, data.path())?;
    let port = server.port();
    let browser = available(SdkBrowser::launch(&server, None))?;
    let visitors = returns::enter(&browser, PAGES, room_of);
    // A crash may cost the last second, and with it the seats of who came in it.
    std::thread::sleep(Duration::from_secs(1));
    let stopped_at = unix_ms();
    end(server);
    let took = unix_ms() - stopped_at;
    std::thread::sleep(Duration::from_secs(2));
    let mut server = start(Some(port), data.path())?;
    let there_at = unix_ms();
    let journals = returns::wait_until_back(&visitors, room_of, stopped_at).unwrap();
    let mut away = Vec::new();
    let mut rooms = BTreeMap::<&str, usize>::new();
    for (room, journal) in &journals {
        let welcome = returns::welcomed(journal).unwrap();
        assert_eq!(welcome.said, format!("welcome back to {room}"));
        let is_end = |entry: &&JournalEntry| entry.said.starts_with("closed");
        assert_eq!(journal.iter().find(is_end), None);
        *rooms.entry(room).or_default() += 1;
        away.push(welcome.at - there_at);
    }
    let longest = away.iter().copied().fold(0.0, f64::max);
    println!(
        "{name}: the server took {took:.0} ms to end; {} players in {} rooms back within {longest:.0} ms, at most {} in 100 ms",
        away.len(),
        rooms.len(),
        most_at_once(away.clone())
    );
    assert!(longest <= MOST_AWAY_MS, "{longest:.0} ms");
    let goes_on = server.wait_for_log("a room goes on", Duration::from_secs(1));
    assert!(goes_on.is_ok(), "{goes_on:?}");
    Some(away)
}

#[test]
fn after_a_planned_restart_all_are_back_one_by_one() {
    let end = |server: ServerProcess| {
        let clock = Stopwatch::start();
        let status = server.stop(Duration::from_secs(10)).unwrap();
        assert!(status.success(), "{status}");
        assert!(
            clock.elapsed() < Duration::from_secs(2),
            "{:?}",
            clock.elapsed()
        );
    };
    let Some(away) = restart("SIGTERM", end) else {
        return;
    };
    let most = most_at_once(away);
    assert!(most <= MOST_JOINS, "{most} at once");
}

#[test]
fn after_a_crash_all_are_back() {
    restart("SIGKILL", ServerProcess::kill);
}

/// A join that asks for a seat back; what the server says.
fn ask_back(server: &ServerProcess, token: &str) -> Value {
    let join = json!({ "protocol": PROTOCOL_VERSION, "name": "one", "resume": token });
    let headers = ["content-type: application/json"];
    let body = join.to_string();
    let clock = Stopwatch::start();
    loop {
        let said = http::request(
            server.local_address(),
            "POST",
            "/v1/join",
            &headers,
            body.as_bytes(),
        );
        let said = said.unwrap();
        // Its player counts as there for a moment after it has gone without a word.
        if said.status != 423 || clock.remaining(Duration::from_secs(10)).is_none() {
            return serde_json::from_str(&said.body).unwrap();
        }
    }
}

#[test]
fn an_admission_that_goes_with_its_server_costs_no_seat() {
    let data = tempfile::tempdir().unwrap();
    let Some(server) = start(None, data.path()) else {
        return;
    };
    let (origin, port) = (server.origin(), server.port());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = PlayerOptions::new(origin);
    let connected = runtime.block_on(Player::<CirclesCodec>::connect(&options));
    let player = connected.unwrap();
    // A crash may cost the last second, and with it the seats of who came in it.
    std::thread::sleep(Duration::from_secs(2));
    let token = player.token();
    drop(player);
    let admitted = ask_back(&server, &token);
    assert_eq!(admitted["resumed"], true, "{admitted}");
    // It dies before a link has come with the new token, and nothing of that session is saved.
    server.kill();
    let Some(server) = start(Some(port), data.path()) else {
        return;
    };
    let again = ask_back(&server, admitted["token"].as_str().unwrap());
    assert_eq!(again["resumed"], true, "{again}");
    assert_eq!(again["player"], admitted["player"]);
}

fn page(browser: &Browser, server: &ServerProcess, name: &str) -> GamePage {
    let page = GamePage::autoplay(browser, &server.origin(), None, name, "pond").unwrap();
    page.wait_until_playing(Duration::from_secs(15)).unwrap();
    page
}

/// What the page says of the connection.
fn banner(page: &GamePage) -> String {
    page.page()
        .evaluate("document.querySelector('.banner:not([hidden])')?.textContent ?? ''")
        .unwrap()
}

#[test]
fn a_page_says_what_is_true_while_the_server_restarts_and_a_reload_keeps_the_seat() {
    let data = tempfile::tempdir().unwrap();
    let Some(server) = start(None, data.path()) else {
        return;
    };
    let port = server.port();
    let options = BrowserOptions::new(BrowserKind::Chromium);
    let Some(browser) = available(Browser::launch(options, None)) else {
        return;
    };
    let game = page(&browser, &server, "Ada");
    // A reload comes back without a click: the server still has one session.
    let session = |game: &GamePage| -> String {
        game.page()
            .evaluate("JSON.stringify(battleCircles.self())")
            .unwrap()
    };
    println!("before {}", session(&game));
    let origin = server.origin();
    game.page().goto(&format!("{origin}/?room=pond")).unwrap();
    game.wait_until_playing(Duration::from_secs(15)).unwrap();
    let metrics = server.metrics(None).unwrap();
    let sessions = metrics.sum("game_server_sessions", &[]);
    println!("after {}", session(&game));
    assert_eq!(sessions, 1.0);

    server.stop(Duration::from_secs(10)).unwrap();
    let says =
        "document.querySelector('.banner:not([hidden])')?.textContent?.includes('restarting')";
    game.wait_for(says, Duration::from_secs(5)).unwrap();
    println!("{}", banner(&game));
    let Some(_server) = start(Some(port), data.path()) else {
        return;
    };
    let plays = "battleCircles.stats().rung && !document.querySelector('.banner:not([hidden])')";
    game.wait_for(plays, Duration::from_secs(10)).unwrap();
    assert_eq!(banner(&game), "");
}
