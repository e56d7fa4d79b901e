// `window.sdkUnderTest`: players of the real SDK without a game or a picture, for tests that count and time.

export { connect, joinAndLeave } from "./connect.mjs";
export { misuse } from "./misuse.mjs";
export { arrivals, figures, play } from "./play.mjs";
