// Bundles the SDK from its sources, with what tests do with it, into one classic script for any page.

import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default {
  logLevel: "warn",
  resolve: {
    alias: { "@battle-circles/sdk": here("../../../web/sdk/src/index.ts") },
  },
  build: {
    lib: { entry: here("entry.mjs"), name: "sdkUnderTest", formats: ["iife"], fileName: () => "sdk.js" },
    minify: false,
    emptyOutDir: false,
  },
};
