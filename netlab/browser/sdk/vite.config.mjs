// Bundles the SDK and the game's logic from their sources, with what tests do with them, into one classic script for
// any page.

import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default {
  logLevel: "warn",
  resolve: {
    alias: {
      "@battle-circles/sdk": here("../../../web/sdk/src/index.ts"),
      "@battle-circles/game": here("../../../web/game/src"),
    },
  },
  build: {
    lib: { entry: here("entry.mjs"), name: "sdkBundle", formats: ["iife"], fileName: () => "sdk.js" },
    minify: false,
    emptyOutDir: false,
  },
};
