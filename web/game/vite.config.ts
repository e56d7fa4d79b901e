import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { originFault, parseOrigin } from './src/app/server-origin.ts';

/** Files of other kinds are compressed already. */
const COMPRESSIBLE = /\.(css|html|js|json|svg)$/;

/** Puts `NAME.br` and `NAME.gz` beside each file that becomes smaller by it; the server gives them out. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    // Of the files as they lie there: the code of chunks still changes until then.
    async writeBundle({ dir = '.' }, bundle) {
      const names = Object.keys(bundle).filter((name) => COMPRESSIBLE.test(name));
      for (const name of names) {
        const path = join(dir, name);
        const bytes = await readFile(path);
        const variants = [
          ['br', await promisify(brotliCompress)(bytes)],
          ['gz', await promisify(gzip)(bytes, { level: 9 })],
        ] as const;
        for (const [end, small] of variants) {
          if (small.length < bytes.length) {
            await writeFile(`${path}.${end}`, small);
          }
        }
      }
    },
  };
}

/** Ends a build that was given no origin but something else for it. */
function checkServerOrigin(): void {
  // biome-ignore lint/complexity/useLiteralKeys: an index signature.
  const given = process.env['VITE_SERVER_ORIGIN'] ?? '';
  if (given !== '' && parseOrigin(given) === undefined) {
    throw new Error(`VITE_SERVER_ORIGIN: ${originFault(given)}`);
  }
}

checkServerOrigin();

// `gallery.html` is served by `vite` for looking at the game without a server; the build's only
// page is `index.html`, so nothing of the gallery is shipped.
export default defineConfig({
  base: './',
  plugins: [compressed()],
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
