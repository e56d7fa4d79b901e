// Builds the page to `dist/` with the web workspace's own tools, and runs its tests:
//
//   web/node_modules/.bin/vite build --config tests/tag/page/vite.config.mjs
//   web/node_modules/.bin/vitest run --config tests/tag/page/vite.config.mjs
//
// A game in a workspace of its own depends on the package instead, and needs no alias.

import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const sdk = (path) => here(`../../../web/sdk/src/${path}`);

export default {
  root: here('.'),
  base: './',
  logLevel: 'warn',
  resolve: {
    alias: {
      '@battle-circles/sdk/network-profiles': sdk('net/emulator/network-profile.ts'),
      '@battle-circles/sdk': sdk('index.ts'),
    },
  },
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:8080', ws: true } } },
  build: { target: 'es2022', emptyOutDir: true },
  test: { globals: true },
};
