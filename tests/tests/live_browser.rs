//! Real browsers on a trivial page: the driver does what it is asked, on loopback and across the lab.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use netlab::browser::{
    Browser, BrowserError, BrowserKind, BrowserOptions, Finger, Key, Mouse, Page, Viewport,
};
use netlab::lab::Lab;
use netlab::path::PathConfig;
use netlab::prerequisites::available;

const PAGE: &str = r#"<!doctype html><meta name="viewport" content="width=device-width"><title>A page</title>
<body style="margin:0;background:#102030"><canvas id="canvas" width="64" height="64"></canvas><input id="input"><script>
window.seen = [];
for (const kind of ["click", "touchstart", "touchmove", "touchend", "keydown"])
  addEventListener(kind, (event) => seen.push(kind + (event.key ?? "")), { passive: true });
console.warn("hello", 42);
setTimeout(() => { throw new Error("nobody caught me"); }, 0);
setTimeout(() => { window.late = true; }, 150);
</script>"#;

/// Draws a red rectangle with WebGL and reads it back.
const WEBGL: &str = r#"(() => {
  const gl = document.getElementById("canvas").getContext("webgl2", { preserveDrawingBuffer: true });
  if (!gl) return null;
  gl.clearColor(1, 0, 0, 1);
  gl.clear(gl.COLOR_BUFFER_BIT);
  const pixel = new Uint8Array(4);
  gl.readPixels(8, 8, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
  return Array.from(pixel);
})()"#;

/// Serves the page to everyone, for as long as the test runs.
fn serve(listener: TcpListener) -> u16 {
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    port
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let length = PAGE.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{PAGE}"
    )
}

fn serve_on_loopback() -> String {
    format!(
        "http://127.0.0.1:{}/",
        serve(TcpListener::bind("127.0.0.1:0").unwrap())
    )
}

fn launch(kind: BrowserKind) -> Option<Browser> {
    available(Browser::launch(BrowserOptions::new(kind), None))
}

fn opened(browser: &Browser, url: &str) -> Page {
    let page = browser.new_page().unwrap();
    page.goto(url).unwrap();
    page
}

/// The bytes of a PNG tell its width and height.
fn png_size(bytes: &[u8]) -> (u32, u32) {
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

fn shows_and_tells(kind: BrowserKind) {
    let Some(browser) = launch(kind) else { return };
    let page = opened(&browser, &serve_on_loopback());

    assert_eq!(page.evaluate::<String>("document.title").unwrap(), "A page");
    assert_eq!(
        page.evaluate::<u32>("new Promise((done) => setTimeout(() => done(7), 10))")
            .unwrap(),
        7
    );
    assert_eq!(page.evaluate::<Option<u32>>("undefined").unwrap(), None);
    assert_eq!(
        page.evaluate::<Option<[u8; 4]>>(WEBGL).unwrap(),
        Some([255, 0, 0, 255]),
        "{}",
        browser.version()
    );
    assert!(
        page.evaluate::<bool>("isSecureContext && typeof WebTransport === 'function'")
            .unwrap()
    );

    page.wait_for("window.late", Duration::from_secs(5))
        .unwrap();
    let lines = page.console().unwrap();
    assert!(
        lines.iter().any(|line| line.text == "hello 42"),
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.kind == "pageerror" && line.text.contains("nobody caught me")),
        "{lines:?}"
    );
    assert_eq!(page.console().unwrap(), []);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.png");
    page.screenshot(&path).unwrap();
    assert_eq!(png_size(&std::fs::read(path).unwrap()), (1280, 800));
}

#[test]
fn chromium_shows_and_tells_what_a_page_does() {
    shows_and_tells(BrowserKind::Chromium);
}

#[test]
fn firefox_shows_and_tells_what_a_page_does() {
    shows_and_tells(BrowserKind::Firefox);
}

#[test]
fn a_failing_page_is_reported_with_its_reason() {
    let Some(browser) = launch(BrowserKind::Chromium) else {
        return;
    };
    let page = opened(&browser, &serve_on_loopback());
    let thrown = page.evaluate::<u32>("missing.thing").unwrap_err();
    assert!(
        matches!(&thrown, BrowserError::Failed { message, .. } if message.contains("missing is not defined")),
        "{thrown}"
    );
    let shape = page.evaluate::<u32>("document.title").unwrap_err();
    assert!(shape.to_string().contains("\"A page\""), "{shape}");
    let late = page
        .wait_for("document.title === 'Another'", Duration::from_millis(100))
        .unwrap_err();
    assert!(
        matches!(&late, BrowserError::Timeout { message, .. } if message.contains("it was false")),
        "{late}"
    );
    assert!(matches!(
        page.goto("http://127.0.0.1:1/").unwrap_err(),
        BrowserError::Failed { .. }
    ));
}

#[test]
fn waiting_survives_a_navigation() {
    let Some(browser) = launch(BrowserKind::Chromium) else {
        return;
    };
    let url = serve_on_loopback();
    let page = opened(&browser, &url);
    page.evaluate::<()>("void setTimeout(() => location.search = '?again', 50)")
        .unwrap();
    page.wait_for(
        "location.search === '?again' && window.late",
        Duration::from_secs(5),
    )
    .unwrap();
}

#[test]
fn a_phone_has_a_finger_and_a_desktop_a_mouse_and_keys() {
    let phone = BrowserOptions {
        viewport: Viewport::PHONE,
        ..BrowserOptions::new(BrowserKind::Chromium)
    };
    let Some(browser) = available(Browser::launch(phone, None)) else {
        return;
    };
    let url = serve_on_loopback();
    let page = opened(&browser, &url);
    let view = page.evaluate::<[f64; 4]>(
        "[innerWidth, innerHeight, devicePixelRatio, navigator.maxTouchPoints]",
    );
    assert_eq!(view.unwrap(), [390.0, 844.0, 3.0, 1.0]);
    page.touch(Finger::Start, 200.0, 300.0).unwrap();
    page.touch(Finger::Move, 220.0, 300.0).unwrap();
    page.touch(Finger::End, 0.0, 0.0).unwrap();
    assert_eq!(
        page.evaluate::<Vec<String>>("seen").unwrap(),
        ["touchstart", "touchmove", "touchend"]
    );

    page.set_viewport(Viewport::DESKTOP).unwrap();
    page.goto(&url).unwrap();
    page.mouse(Mouse::Click, 300.0, 300.0).unwrap();
    page.keyboard(Key::Press, "ArrowUp").unwrap();
    assert_eq!(
        page.evaluate::<Vec<String>>("seen").unwrap(),
        ["click", "keydownArrowUp"]
    );
    page.evaluate::<()>("document.getElementById('input').focus()")
        .unwrap();
    page.keyboard(Key::Type, "hi").unwrap();
    assert_eq!(
        page.evaluate::<String>("document.getElementById('input').value")
            .unwrap(),
        "hi"
    );
}

/// How many frames a page draws in 300 ms.
const FRAMES: &str = "new Promise((done) => {
  let frames = 0;
  const count = () => { frames += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
  setTimeout(() => done(frames), 300);
})";

fn two_pages_play_side_by_side(kind: BrowserKind) {
    let Some(browser) = launch(kind) else { return };
    let url = serve_on_loopback();
    let (one, two) = (opened(&browser, &url), opened(&browser, &url));
    for page in [&one, &two] {
        assert!(
            page.evaluate::<u32>(FRAMES).unwrap() >= 3,
            "a page of its own does not draw"
        );
    }
    one.evaluate::<()>("void localStorage.setItem('name', 'one')")
        .unwrap();
    assert_eq!(
        two.evaluate::<Option<String>>("localStorage.getItem('name')")
            .unwrap(),
        None
    );

    let tab = one.new_sibling().unwrap();
    tab.goto(&url).unwrap();
    assert_eq!(
        tab.evaluate::<String>("localStorage.getItem('name')")
            .unwrap(),
        "one"
    );
    one.wait_for(
        "document.visibilityState === 'hidden'",
        Duration::from_secs(5),
    )
    .unwrap();
    one.bring_to_front().unwrap();
    one.wait_for(
        "document.visibilityState === 'visible'",
        Duration::from_secs(5),
    )
    .unwrap();
    tab.close().unwrap();
}

#[test]
fn two_pages_of_chromium_play_side_by_side() {
    two_pages_play_side_by_side(BrowserKind::Chromium);
}

#[test]
fn two_pages_of_firefox_play_side_by_side() {
    two_pages_play_side_by_side(BrowserKind::Firefox);
}

#[test]
fn two_browsers_run_at_once_and_leave_nothing_behind() {
    let Some(one) = launch(BrowserKind::Chromium) else {
        return;
    };
    let two = launch(BrowserKind::Chromium).unwrap();
    let url = serve_on_loopback();
    for browser in [&one, &two] {
        assert_eq!(opened(browser, &url).evaluate::<u32>("6 * 7").unwrap(), 42);
    }
    let mine = descendants();
    assert!(mine.len() > 4, "{mine:?}");
    drop((one, two));
    let left: Vec<_> = mine.into_iter().filter(|pid| is_running(*pid)).collect();
    assert_eq!(left, Vec::<u32>::new());
}

fn crosses_the_lab(kind: BrowserKind) {
    let slow = PathConfig {
        delay_ms: 20.0,
        ..PathConfig::default()
    };
    let Some(lab) = available(Lab::new(slow.clone(), slow, 1)) else {
        return;
    };
    let server = SocketAddr::from((IpAddr::from(lab.server_address()), 8080));
    serve(
        lab.run_in_server(|| TcpListener::bind(server))
            .unwrap()
            .unwrap(),
    );
    let origin = format!("http://{server}");
    let options = BrowserOptions {
        secure_origins: vec![origin.clone()],
        ..BrowserOptions::new(kind)
    };
    let Some(browser) = available(Browser::launch(options, Some(&lab))) else {
        return;
    };
    let page = opened(&browser, &origin);
    assert!(
        page.evaluate::<bool>("isSecureContext && typeof WebTransport === 'function'")
            .unwrap()
    );
    let took: f64 = page
        .evaluate("(({ requestStart, responseStart }) => responseStart - requestStart)(performance.getEntriesByType('navigation')[0])")
        .unwrap();
    assert!(took >= 40.0, "{took} ms");
    let counters = lab.counters();
    assert!(
        counters.up.tcp.packets_in > 3 && counters.down.tcp.bytes_out > PAGE.len() as u64,
        "{counters:?}"
    );
}

#[test]
fn chromium_crosses_the_lab() {
    crosses_the_lab(BrowserKind::Chromium);
}

#[test]
fn firefox_crosses_the_lab() {
    crosses_the_lab(BrowserKind::Firefox);
}

/// The processes that this one started, and those that they started.
fn descendants() -> Vec<u32> {
    let mut found = vec![std::process::id()];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        next += 1;
        for task in std::fs::read_dir(format!("/proc/{parent}/task"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let children =
                std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(
                children
                    .split_whitespace()
                    .map(|pid| pid.parse::<u32>().unwrap()),
            );
        }
    }
    found.split_off(1)
}

/// Whether the process runs; a dead one that nobody has waited for does not.
fn is_running(pid: u32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}
