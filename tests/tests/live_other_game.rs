//! Tag, a game made from public interfaces alone, in Chromium on each rung: it moves, is predicted, and presses a
//! button once. And that a game needs no Node.js to build.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use netlab::browser::{Browser, BrowserKind, Page};
use netlab::playground::{Playground, small};
use netlab::prerequisites::available;
use netlab::programs;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;
use serde::Deserialize;
use tests::tag_page::built_page;

/// How long a page may take until something shows.
const PATIENCE: Duration = Duration::from_secs(15);

/// Tag on a server of its own, and a browser to play in.
struct Yard {
    ground: Playground,
    browser: Browser,
}

impl Yard {
    fn open() -> Option<Self> {
        let page = available(built_page())?;
        let options = ServerOptions {
            binary: Some(programs::release("tag")),
            config: Some(format!("[game]\npage = {:?}\n", page.path())),
            ..ServerOptions::default()
        };
        let server = available(ServerProcess::start(options, None))?;
        let ground = Playground { server, lab: None };
        let browser = ground.browser(small(BrowserKind::Chromium))?;
        Some(Self { ground, browser })
    }

    fn enter(&self, rung: Rung, name: &str, more: &str) -> Page {
        let page = self.browser.new_page().unwrap();
        let origin = self.ground.server.origin();
        let rung = rung.name();
        page.goto(&format!(
            "{origin}/?room=yard&rung={rung}&name={name}{more}"
        ))
        .unwrap();
        page.wait_for(&sees(name), PATIENCE).unwrap();
        page
    }
}

/// An expression: the figure of this name, as it was drawn last.
fn figure(name: &str) -> String {
    format!("tag.look().figures.find((figure) => figure.name === '{name}')")
}

fn sees(name: &str) -> String {
    format!("Boolean({})", figure(name))
}

/// Waits until a page has seen a figure go 100 px from where it is.
fn wait_until_it_has_moved(page: &Page, name: &str) {
    let now = figure(name);
    page.evaluate::<()>(&format!("void (window.seen = {now})"))
        .unwrap();
    let gone = format!("Math.hypot({now}.x - seen.x, {now}.y - seen.y) > 100");
    page.wait_for(&gone, PATIENCE).unwrap();
}

/// What came of a key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FirstMove {
    /// Frames from the key to the own figure's first move, this one included.
    frames: u32,
    /// The tick that the own figure was drawn at before the key.
    pressed_tick: f64,
    /// The newest snapshot's when it moved.
    newest_tick: f64,
}

/// Taps the right arrow once the own figure stands, until it moves.
const FIRST_MOVE: &str = "new Promise((done) => {
    const place = () => tag.look().figures.find((figure) => figure.isOwn).x;
    const key = (kind) => dispatchEvent(new KeyboardEvent(kind, { code: 'ArrowRight' }));
    const tap = (before, pressedTick, frames) => requestAnimationFrame(() => {
        if (place() === before && frames < 60) return tap(before, pressedTick, frames + 1);
        key('keyup');
        done({ frames, pressedTick, newestTick: tag.look().newestTick });
    });
    const stand = (before, frames) => requestAnimationFrame(() => {
        if (frames < 10) return stand(place(), place() === before ? frames + 1 : 0);
        key('keydown');
        tap(place(), tag.look().ownTick, 1);
    });
    stand(place(), 0);
})";

/// So many snapshots after the join its clocks have settled.
const SETTLED: &str = "tag.stats().snapshots > 60";

/// Taps some times; the page itself may stand still at one or the other.
fn first_moves(page: &Page) -> [FirstMove; 5] {
    page.wait_for(SETTLED, PATIENCE).unwrap();
    let mut moves = [(); 5].map(|()| page.evaluate::<FirstMove>(FIRST_MOVE).unwrap());
    moves.sort_by_key(|first| first.frames);
    moves
}

fn press(page: &Page, code: &str) {
    let key = format!("void dispatchEvent(new KeyboardEvent('keydown', {{ code: '{code}' }}))");
    page.evaluate::<()>(&key).unwrap();
}

fn wait_until_it_may_dash(page: &Page) {
    page.wait_for("!document.getElementById('dash').disabled", PATIENCE)
        .unwrap();
}

/// Presses dash as often as this, each time that it may, and gives how often the server has told another player of it.
/// No press is the next before the server has told of the one before: on a page that stands still its input comes late,
/// and until then the page may think that it could dash again.
fn dashes(ada: &Page, grace: &Page, presses: u32) -> u32 {
    for told in 1..=presses {
        wait_until_it_may_dash(ada);
        press(ada, "Space");
        ada.wait_for(&format!("tag.dashes('Ada') >= {told}"), PATIENCE)
            .unwrap();
    }
    // Time for another, if one were repeated.
    wait_until_it_may_dash(ada);
    grace
        .wait_for(&format!("tag.dashes('Ada') >= {presses}"), PATIENCE)
        .unwrap();
    grace.evaluate("tag.dashes('Ada')").unwrap()
}

/// Waits until nobody is put right by more than 2 px. The figure is of the last half minute, so that what a page that
/// stood still while it was loading was put right by is over in time.
fn wait_until_well_predicted(ada: &Page, grace: &Page) {
    const HALF_A_MINUTE_AND_MORE: Duration = Duration::from_secs(40);
    for page in [ada, grace] {
        page.wait_for("tag.stats().corrections.p95 <= 2", HALF_A_MINUTE_AND_MORE)
            .unwrap();
    }
}

/// Two players who see each other: Ada, who stands, on a path of her own, and Grace, who steers by herself.
fn two_players(yard: &Yard, rung: Rung, link: &str) -> (Page, Page) {
    let ada = yard.enter(rung, "Ada", link);
    let grace = yard.enter(rung, "Grace", "&autoplay=1");
    ada.wait_for(&sees("Grace"), PATIENCE).unwrap();
    grace.wait_for(&sees("Ada"), PATIENCE).unwrap();
    (ada, grace)
}

fn moves_at_once(rung: Rung, link: &str) {
    let Some(yard) = Yard::open() else { return };
    let (ada, grace) = two_players(&yard, rung, link);
    let moves = first_moves(&ada);
    // Most of them; the frame after the key may be drawn where its tick begins, so that the figure has not left yet.
    assert!(moves[2].frames <= 2, "{moves:?}");
    let is_ahead = |first: &FirstMove| first.newest_tick < first.pressed_tick;
    assert!(moves[..3].iter().all(is_ahead), "{moves:?}");
    press(&ada, "ArrowRight");
    wait_until_it_has_moved(&grace, "Ada");
    wait_until_it_has_moved(&ada, "Grace");
    println!("{}{link}: {moves:?}", rung.name());
    wait_until_well_predicted(&ada, &grace);
    let played: Option<Rung> = ada.evaluate("tag.stats().rung").unwrap();
    assert_eq!(played, Some(rung));
}

fn dashes_as_often_as_pressed(rung: Rung) {
    let Some(yard) = Yard::open() else { return };
    let (ada, grace) = two_players(&yard, rung, "");
    assert_eq!(dashes(&ada, &grace, 5), 5);
    wait_until_well_predicted(&ada, &grace);
}

#[test]
fn another_game_moves_at_once_over_webtransport() {
    moves_at_once(Rung::WebTransport, "");
}

#[test]
fn another_game_moves_at_once_over_webrtc() {
    moves_at_once(Rung::WebRtc, "");
}

#[test]
fn another_game_moves_at_once_over_websocket() {
    moves_at_once(Rung::WebSocket, "");
}

/// 50 ms each way, and a tenth of all datagrams lost, in bursts.
const LOSSY: &str = "&link=bursts-10";

#[test]
fn another_game_moves_at_once_with_a_tenth_lost() {
    for rung in Rung::ALL {
        moves_at_once(rung, LOSSY);
    }
}

#[test]
fn a_press_is_one_dash_over_webtransport() {
    dashes_as_often_as_pressed(Rung::WebTransport);
}

#[test]
fn a_press_is_one_dash_over_webrtc() {
    dashes_as_often_as_pressed(Rung::WebRtc);
}

#[test]
fn a_press_is_one_dash_over_websocket() {
    dashes_as_often_as_pressed(Rung::WebSocket);
}

#[test]
fn a_press_is_one_dash_with_a_tenth_lost() {
    for rung in Rung::ALL {
        let Some(yard) = Yard::open() else { return };
        let (ada, grace) = two_players(&yard, rung, LOSSY);
        assert_eq!(dashes(&ada, &grace, 6), 6, "{}", rung.name());
    }
}

#[test]
fn a_game_in_a_workspace_of_its_own_builds_without_node() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::create_dir_all(here.join("src")).unwrap();
    for file in std::fs::read_dir(root.join("tests/tag/src")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), here.join("src").join(file.file_name())).unwrap();
    }
    // The same versions as here, so that nothing has to be fetched.
    std::fs::copy(root.join("Cargo.lock"), here.join("Cargo.lock")).unwrap();
    let path = |name: &str| root.join(name).canonicalize().unwrap();
    let manifest = format!(
        "[package]\nname = \"tag\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         protocol = {{ path = {:?} }}\nserver = {{ path = {:?} }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n",
        path("protocol"),
        path("server"),
    );
    std::fs::write(here.join("Cargo.toml"), manifest).unwrap();
    // Of what was built for this test much can be used again.
    let running = std::env::current_exe().unwrap();
    let target = running.ancestors().nth(3).unwrap();
    let output = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["check", "--release", "--offline"])
        .current_dir(here)
        .env("CARGO_TARGET_DIR", target)
        .env("PATH", path_without_node(here))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// This process's PATH, with commands in front that answer as the shell does where there is no Node.js.
fn path_without_node(folder: &Path) -> std::ffi::OsString {
    use std::os::unix::fs::PermissionsExt;

    let missing = folder.join("missing");
    std::fs::create_dir(&missing).unwrap();
    for name in ["node", "npm", "npx"] {
        let command = missing.join(name);
        std::fs::write(&command, "#!/bin/sh\nexit 127\n").unwrap();
        std::fs::set_permissions(&command, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(missing).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap()
}
