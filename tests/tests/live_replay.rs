//! A recorded match in the page under `?replay`: it plays, goes anywhere, shows it through anybody's eyes, and
//! stands beside what a player saw.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, thread};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use game::replay::Recording;
use netlab::browser::{Browser, BrowserKind, Key, Page};
use netlab::clock::Stopwatch;
use netlab::game_page::GamePage;
use netlab::playground::{Playground, small};
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::ids::RoomId;
use protocol::rung::Rung;

/// How long a page may take until something shows.
const PATIENCE: Duration = Duration::from_secs(15);

/// The page with nothing open yet.
fn replay_page(browser: &Browser, origin: &str) -> Page {
    let page = browser.new_page().unwrap();
    page.goto(&format!("{origin}/?replay")).unwrap();
    page.wait_for("document.querySelector('.replay-card') !== null", PATIENCE)
        .unwrap();
    page
}

/// Opens a file as its picker does.
fn open(page: &Page, name: &str, bytes: &[u8]) {
    let script = format!(
        "(() => {{
            const bytes = Uint8Array.from(atob('{}'), (letter) => letter.charCodeAt(0));
            const files = new DataTransfer();
            files.items.add(new File([bytes], '{name}'));
            const picker = document.querySelector('input[type=file]');
            picker.files = files.files;
            picker.dispatchEvent(new Event('change'));
        }})()",
        STANDARD.encode(bytes)
    );
    page.evaluate::<()>(&script).unwrap();
}

fn number(page: &Page, expression: &str) -> f64 {
    page.evaluate(expression).unwrap()
}

/// Waits until the middle of the picture is on a seat's circle, to two pixels.
fn wait_for_camera_on(page: &Page, seat: u8) {
    page.wait_for(
        &format!(
            "(() => {{
                const [camera, circle] = [battleCirclesReplay.camera(), battleCirclesReplay.circle({seat})];
                return Math.hypot(camera.x - circle.x, camera.y - circle.y) < 2;
            }})()"
        ),
        PATIENCE,
    )
    .unwrap();
}

fn golden_view() -> Vec<u8> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../game/src/tests/golden/match.bin");
    let recording = Recording::parse(&fs::read(golden).unwrap()).unwrap();
    recording.to_view_file(RoomId::parse("pond").as_ref())
}

#[test]
fn a_match_plays_goes_anywhere_and_is_seen_through_anybodys_eyes() {
    let Some(ground) = Playground::here() else {
        return;
    };
    let Some(browser) = ground.small_browser(BrowserKind::Chromium) else {
        return;
    };
    let page = replay_page(&browser, &ground.server.origin());
    open(&page, "notes.txt", b"no match at all");
    page.wait_for(
        "document.querySelector('.replay-card .replay-message').textContent.includes('no file of a match')",
        PATIENCE,
    )
    .unwrap();

    open(&page, "match.bcview", &golden_view());
    page.wait_for(
        "battleCirclesReplay.tick() > battleCirclesReplay.range()[0] + 60",
        PATIENCE,
    )
    .unwrap();

    // Stands still at a second, and is elsewhere at another.
    let place_at = |tick: u32| -> (f64, f64) {
        page.evaluate::<()>(&format!("battleCirclesReplay.seek({tick})"))
            .unwrap();
        page.wait_for(&format!("battleCirclesReplay.tick() === {tick}"), PATIENCE)
            .unwrap();
        let at = |axis: &str| number(&page, &format!("battleCirclesReplay.circle(5).{axis}"));
        (at("x"), at("y"))
    };
    let early = place_at(1_000);
    let late = place_at(3_000);
    assert!(
        (early.0 - late.0).hypot(early.1 - late.1) > 50.0,
        "{early:?} {late:?}"
    );
    assert_eq!(place_at(1_000), early, "going back shows the same");

    // The scrubber's keys: two seconds on.
    page.evaluate::<()>("document.querySelector('.scrubber').focus()")
        .unwrap();
    page.keyboard(Key::Press, "ArrowRight").unwrap();
    page.keyboard(Key::Press, "ArrowRight").unwrap();
    page.wait_for("battleCirclesReplay.tick() === 1120", PATIENCE)
        .unwrap();
    page.wait_for(
        "document.querySelector('.scrubber').ariaValueText === '0:18.6'",
        PATIENCE,
    )
    .unwrap();

    // The whole arena first, then one's eyes after the other's.
    assert_eq!(number(&page, "battleCirclesReplay.camera().x"), 0.0);
    for seat in [5_u8, 2] {
        page.evaluate::<()>(&format!(
            "[...document.querySelectorAll('.replay-eye')][{seat} + 1].click()"
        ))
        .unwrap();
        page.wait_for(&format!("battleCirclesReplay.eyes() === {seat}"), PATIENCE)
            .unwrap();
        wait_for_camera_on(&page, seat);
    }
}

/// What a page that plays has drawn, as its button would save it.
const SIGHT: &str = "battleCircles.sight().then((bytes) =>
    btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')))";

/// The recording of a match of this room that has just ended.
fn recording_in(folder: &Path) -> PathBuf {
    let started = Stopwatch::start();
    loop {
        let found = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|end| end == "bcmatch"));
        if let Some(found) = found {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "no recording came");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn what_a_player_saw_stands_beside_what_the_server_knew() {
    let data = tempfile::tempdir().unwrap();
    let options = ServerOptions {
        config: Some(format!(
            "data_directory = {:?}\ndatabase = \"off\"\n[game]\nplaying_seconds = 10\nresults_seconds = 60\n",
            data.path()
        )),
        ..ServerOptions::default()
    };
    let Some(server) = available(ServerProcess::start(options, None)) else {
        return;
    };
    let Some(browser) = available(Browser::launch(small(BrowserKind::Chromium), None)) else {
        return;
    };
    let rung = Some(Rung::WebSocket);
    let player = GamePage::autoplay(&browser, &server.origin(), rung, "Ada", "pond").unwrap();
    player
        .wait_for(
            "battleCircles.phase() === 'results'",
            Duration::from_secs(40),
        )
        .unwrap();
    let sight: String = player.page().evaluate(SIGHT).unwrap();
    let sight = STANDARD.decode(sight).unwrap();

    let recording = fs::read(recording_in(&data.path().join("replays"))).unwrap();
    let recording = Recording::parse(&recording).unwrap();
    let view = recording.to_view_file(RoomId::parse("pond").as_ref());
    let page = replay_page(&browser, &server.origin());
    open(&page, "pond.bcview", &view);
    page.wait_for("battleCirclesReplay.tick() !== null", PATIENCE)
        .unwrap();
    open(&page, "ada.bcsight", &sight);
    page.wait_for(
        "document.querySelector('.incident-line')?.textContent.includes('Ada saw others')",
        PATIENCE,
    )
    .unwrap();
    let offsets = "battleCirclesReplay.offsets()";
    page.wait_for(&format!("{offsets} !== null"), PATIENCE)
        .unwrap();
    let age = number(&page, &format!("{offsets}.age"));
    assert!((1.0..1_000.0).contains(&age), "{age}");

    // The same player's file beside another match.
    open(&page, "match.bcview", &golden_view());
    page.wait_for("battleCirclesReplay.range()[1] > 9000", PATIENCE)
        .unwrap();
    open(&page, "ada.bcsight", &sight);
    page.wait_for(
        "document.querySelector('.replay-stage > .replay-message').textContent.includes('player’s file')",
        PATIENCE,
    )
    .unwrap();
    assert_eq!(
        page.evaluate::<Option<f64>>("battleCirclesReplay.offsets()?.age ?? null")
            .unwrap(),
        None
    );
}
