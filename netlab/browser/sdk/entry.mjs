// `sdkUnderTest`, a global: players of the real SDK without a picture, for tests that count and time.

import { connect, joinAndLeave } from "./connect.mjs";
import { misuse } from "./misuse.mjs";
import { begin, click, clockOffset, figures, isSettled, journals, leave, notes, play, prepare, recording, watchPage } from "./play.mjs";
import { loadSocketIo } from "./socket-io.mjs";

// By hand: a browser may run the script inside a function, where a `var` is no global.
globalThis.sdkUnderTest = {
  begin,
  click,
  clockOffset,
  connect,
  figures,
  isSettled,
  joinAndLeave,
  journals,
  leave,
  loadSocketIo,
  misuse,
  notes,
  play,
  prepare,
  recording,
  watchPage,
};
