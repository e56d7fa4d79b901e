/** The page's entry. */

import './style/main.css';
import { Page } from './app/page.ts';
import { readParameters } from './app/parameters.ts';
import { chooseServer } from './app/server-origin.ts';
import { refuseToStart } from './app/start-screen.ts';

const start = document.getElementById('start');
const game = document.getElementById('game');
const pond = document.getElementById('pond');
const given = new URLSearchParams(location.search);
const server = chooseServer(location, import.meta.env.VITE_SERVER_ORIGIN);
if (given.has('replay') && game !== null && pond instanceof HTMLCanvasElement) {
  start?.remove();
  void import('./replay/replay-page.ts').then(({ showReplay }) => showReplay(game, pond));
} else if ('fault' in server) {
  refuseToStart(start, server.fault);
} else if (given.has('check') && start !== null) {
  void import('./app/connection-check.ts').then(({ showConnectionCheck }) =>
    showConnectionCheck(start, server.origin),
  );
} else {
  void readParameters(location.search).then((parameters) => new Page(parameters, server).start());
}
