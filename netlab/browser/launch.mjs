// Starts Chromium or Firefox with a fresh profile, software WebGL and no talk of its own to the network.

import { spawn } from "node:child_process";
import { once } from "node:events";

import puppeteer from "puppeteer-core";

// QUIC stays on: WebTransport is QUIC. The last one stops the look-ups of the maker's hosts that no other flag stops.
const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-unsafe-swiftshader",
  "--host-resolver-rules=MAP *.google.com ~NOTFOUND, MAP *.googleapis.com ~NOTFOUND",
];

const FIREFOX_PREFERENCES = {
  "network.dns.localDomains": "firefox.settings.services.mozilla.com",
};

/**
 * @param {{browser: "chromium" | "firefox", executable: string, arguments: string[],
 *   preferences: Record<string, unknown>, displayServer?: string}} options
 */
export async function launch(options) {
  return options.browser === "firefox" ? launchFirefox(options) : launchChromium(options);
}

async function launchChromium({ executable, arguments: extra }) {
  const browser = await puppeteer.launch({
    ...COMMON,
    browser: "chrome",
    executablePath: executable,
    headless: true,
    args: [...CHROMIUM_ARGUMENTS, ...extra],
  });
  return { browser, stop: () => browser.close() };
}

// Headless Firefox on Linux has no WebGL (Mozilla bug 1375585), so it gets a display server of its own.
async function launchFirefox({ executable, arguments: extra, preferences, displayServer }) {
  const display = await startDisplay(displayServer);
  try {
    const browser = await puppeteer.launch({
      ...COMMON,
      browser: "firefox",
      executablePath: executable,
      headless: false,
      args: extra,
      extraPrefsFirefox: { ...FIREFOX_PREFERENCES, ...preferences },
      env: { ...process.env, DISPLAY: display.name },
    });
    const stop = async () => {
      await browser.close();
      display.stop();
    };
    return { browser, stop };
  } catch (error) {
    display.stop();
    throw error;
  }
}

async function startDisplay(program) {
  // It picks a free number itself and writes it to descriptor 3 when it is ready.
  const server = spawn(
    program,
    ["-displayfd", "3", "-screen", "0", "1920x1200x24", "-nolisten", "tcp", "-noreset"],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  const ended = once(server, "exit").then(([code]) => {
    throw new Error(`the display server ${program} ended with ${code}`);
  });
  const [number] = await Promise.race([once(server.stdio[3], "data"), ended]);
  ended.catch(() => {});
  return { name: `:${String(number).trim()}`, stop: () => server.kill() };
}

const COMMON = {
  acceptInsecureCerts: false,
  defaultViewport: null,
  handleSIGINT: false,
  handleSIGTERM: false,
  handleSIGHUP: false,
};
