//! The page under `?check`: says which rungs lead to the server from where the browser is.

use std::time::Duration;

use netlab::browser::{Browser, BrowserKind, BrowserOptions};
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};

const LIMIT: Duration = Duration::from_secs(40);

/// Opens the check on a server with these settings, and gives what it says in the end.
fn check(config: &str) -> Option<String> {
    let options = ServerOptions {
        config: Some(config.to_owned()),
        ..ServerOptions::default()
    };
    let server = available(ServerProcess::start(options, None))?;
    let browser = available(Browser::launch(
        BrowserOptions::new(BrowserKind::Chromium),
        None,
    ))?;
    let page = browser.new_page().unwrap();
    page.goto(&format!("{}/?check", server.origin())).unwrap();
    page.wait_for(
        "document.querySelector('.check[data-done]') !== null",
        LIMIT,
    )
    .unwrap();
    let said = page.evaluate("document.querySelector('.check').innerText");
    Some(said.unwrap())
}

#[test]
fn the_check_says_that_all_rungs_reach_the_server() {
    let Some(said) = check("") else { return };
    for rung in ["WebTransport", "WebRTC", "WebSocket"] {
        let line = said.lines().find(|line| line.contains(rung)).unwrap();
        assert!(line.contains("reached in"), "{said}");
    }
    assert!(said.contains("All ways are open"), "{said}");
}

#[test]
fn the_check_says_what_to_mend_where_players_are_sent_to_a_foreign_udp_port() {
    // Nobody is at that port, as behind a firewall that drops.
    let Some(said) = check("public_udp_port = 9") else {
        return;
    };
    let line = |rung: &str| said.lines().find(|line| line.contains(rung)).unwrap();
    assert!(line("WebTransport").contains("not reached"), "{said}");
    assert!(line("WebSocket").contains("reached in"), "{said}");
    assert!(said.contains("public_udp_port"), "{said}");
}
