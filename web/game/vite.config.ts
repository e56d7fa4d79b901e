import { defaultClientConditions, defineConfig } from 'vite';

// `gallery.html` is served by `vite` for looking at the game without a server; the build's only
// page is `index.html`, so nothing of the gallery is shipped.
export default defineConfig({
  base: './',
  resolve: { conditions: ['source', ...defaultClientConditions] },
  // A server beside the development server, for playing on changes as they are made.
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:8080', ws: true } } },
  build: {
    target: 'es2022',
    // One small inline image costs a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
