/** The page's entry. */

import './style/main.css';
import { Page } from './app/page.ts';
import { readParameters } from './app/parameters.ts';
import { chooseServer } from './app/server-origin.ts';
import { refuseToStart } from './app/start-screen.ts';

const start = document.getElementById('start');
const server = chooseServer(location, import.meta.env.VITE_SERVER_ORIGIN);
if ('fault' in server) {
  refuseToStart(start, server.fault);
} else if (new URLSearchParams(location.search).has('check') && start !== null) {
  void import('./app/connection-check.ts').then(({ showConnectionCheck }) =>
    showConnectionCheck(start, server.origin),
  );
} else {
  void readParameters(location.search).then((parameters) => new Page(parameters, server).start());
}
