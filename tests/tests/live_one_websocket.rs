//! The player that the bundle is compared with has one WebSocket, however long it plays.

use std::time::Duration;

use netlab::playground::Playground;
use netlab::prerequisites::available;
use netlab::sdk_page::SdkBrowser;
use protocol::rung::Rung;

/// The most sockets that carried the game at any time in six seconds: the SDK soon replaces sockets that it misses.
const MOST_SOCKETS: &str = r"(async () => {
    let most = 0;
    for (const start = performance.now(); performance.now() - start < 6_000; ) {
        const { links } = sdkUnderTest.figures()[0];
        most = Math.max(most, links.reduce((sum, { stripes }) => sum + stripes, 0));
        await new Promise((done) => setTimeout(done, 50));
    }
    return most;
})()";

#[test]
fn one_websocket_stays_one_while_the_sdk_asks_for_more() {
    let Some(ground) = Playground::here() else {
        return;
    };
    let Some(browser) = available(SdkBrowser::launch(&ground.server, None)) else {
        return;
    };
    for (sockets, most) in [(Some(1), 1), (None, 3)] {
        let visitor = browser.new_visitor().unwrap();
        let client = visitor.prepare(Some(Rung::WebSocket), sockets).unwrap();
        visitor.click(client, "Ada", "pond").unwrap();
        visitor.wait_until_settled(Duration::from_secs(15)).unwrap();
        assert_eq!(visitor.evaluate::<u32>(MOST_SOCKETS).unwrap(), most);
    }
}
