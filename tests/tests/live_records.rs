//! What is kept of players, in a real browser: one plays, sees oneself on the leaderboard, and is forgotten when one wants.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use netlab::browser::{Browser, BrowserKind, BrowserOptions, Page};
use netlab::clock::Stopwatch;
use netlab::game_page::GamePage;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};

/// Matches as short as they may be.
const SHORT_MATCHES: &str =
    "[game]\ncountdown_seconds = 1\nplaying_seconds = 10\nresults_seconds = 2\nbots_fill_to = 4\n";

/// How long a match may take until the database has it.
const A_MATCH: Duration = Duration::from_secs(40);

fn start(port: Option<u16>, data: &Path) -> Option<ServerProcess> {
    let data = data.display().to_string();
    let options = ServerOptions {
        port,
        config: Some(SHORT_MATCHES.to_owned()),
        environment: vec![("BATTLE_CIRCLES_DATA_DIRECTORY".to_owned(), data)],
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

fn launch() -> Option<Browser> {
    available(Browser::launch(
        BrowserOptions::new(BrowserKind::Chromium),
        None,
    ))
}

fn until_kept(server: &ServerProcess, games: f64) {
    let clock = Stopwatch::start();
    let kept = || {
        server
            .metrics(None)
            .unwrap()
            .sum("game_server_games_kept_total", &[])
    };
    while kept() < games {
        assert!(clock.elapsed() < A_MATCH, "{} games are kept", kept());
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn press(page: &Page, label: &str) {
    let button = format!(
        "[...document.querySelectorAll('button')].find((one) => one.checkVisibility() && one.textContent.trim() === '{label}')"
    );
    page.wait_for(&format!("!!{button}"), Duration::from_secs(10))
        .unwrap();
    let _: Option<bool> = page
        .evaluate(&format!("{button}.click()"))
        .unwrap_or_default();
}

/// Names on the leaderboard, as the server tells them.
fn leaders(page: &Page) -> Vec<String> {
    let ask = "fetch('/v1/leaderboard').then((answer) => answer.json()).then(({ entries }) => entries.map(({ name }) => name))";
    page.evaluate(ask).unwrap()
}

#[test]
fn a_player_is_on_the_leaderboard_also_after_a_crash_until_it_wants_to_be_forgotten() {
    let data = tempfile::tempdir().unwrap();
    let Some(server) = start(None, data.path()) else {
        return;
    };
    let Some(browser) = launch() else { return };
    let game = GamePage::autoplay(&browser, &server.origin(), None, "Ada", "pond").unwrap();
    game.wait_until_playing(Duration::from_secs(15)).unwrap();
    until_kept(&server, 1.0);
    assert_eq!(leaders(game.page()), ["Ada"]);
    // Else the page would be back in its seat without a click.
    let page = game.page();
    let _: Option<bool> = page.evaluate("sessionStorage.clear()").unwrap_or_default();
    page.goto("about:blank").unwrap();

    let port = server.port();
    server.kill();
    let Some(server) = start(Some(port), data.path()) else {
        return;
    };
    page.goto(&server.origin()).unwrap();
    press(page, "Leaderboard");
    let own = "document.querySelector('.board-table .is-own .board-label')?.textContent === 'Ada'";
    page.wait_for(own, Duration::from_secs(10)).unwrap();

    page.goto(&server.origin()).unwrap();
    press(page, "You");
    press(page, "Delete me");
    press(page, "Delete for good");
    let said = "[...document.querySelectorAll('.players-notice')].some((one) => one.textContent.startsWith('Deleted'))";
    page.wait_for(said, Duration::from_secs(10)).unwrap();
    assert_eq!(leaders(page), [""; 0]);
}

/// The ids of matches that a server said were over.
fn finished(server: &ServerProcess) -> BTreeSet<String> {
    let log = server.log_tail(10_000);
    let ids = log.lines().filter(|line| line.contains("finished_match"));
    ids.filter_map(|line| {
        Some(
            line.split_once("\"id\":\"")?
                .1
                .split_once('"')?
                .0
                .to_owned(),
        )
    })
    .collect()
}

/// The ids of the games in the database.
fn kept(data: &Path) -> Vec<String> {
    let read = "import sqlite3, sys\nfor row in sqlite3.connect(sys.argv[1]).execute('SELECT id FROM games'): print(row[0])";
    let asked = Command::new("python3")
        .args(["-c", read])
        .arg(data.join("games.db"))
        .output()
        .unwrap();
    assert!(
        asked.status.success(),
        "{}",
        String::from_utf8_lossy(&asked.stderr)
    );
    String::from_utf8(asked.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn matches_that_were_over_are_there_once_each_however_often_the_server_is_killed() {
    let data = tempfile::tempdir().unwrap();
    let Some(mut server) = start(None, data.path()) else {
        return;
    };
    let port = server.port();
    let Some(browser) = launch() else { return };
    let game = GamePage::autoplay(&browser, &server.origin(), None, "Ada", "pond").unwrap();
    game.wait_until_playing(Duration::from_secs(15)).unwrap();
    let mut over = BTreeSet::new();
    for seconds in [9, 14, 17, 12] {
        std::thread::sleep(Duration::from_secs(seconds));
        over.extend(finished(&server));
        server.kill();
        let Some(next) = start(Some(port), data.path()) else {
            return;
        };
        server = next;
    }
    until_kept(&server, 1.0);
    over.extend(finished(&server));
    assert!(server.stop(Duration::from_secs(10)).unwrap().success());
    let kept = kept(data.path());
    let unique: BTreeSet<String> = kept.iter().cloned().collect();
    println!("{} matches were over, {} are kept", over.len(), kept.len());
    assert_eq!(kept.len(), unique.len());
    assert!(
        over.len() >= 2 && over.is_subset(&unique),
        "{over:?} of {unique:?}"
    );
}
