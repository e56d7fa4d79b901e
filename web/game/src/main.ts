/** The page's entry. */

import './style/main.css';
import { Page } from './app/page.ts';
import { readParameters } from './app/parameters.ts';

const start = document.getElementById('start');
if (new URLSearchParams(location.search).has('check') && start !== null) {
  void import('./app/connection-check.ts').then(({ showConnectionCheck }) =>
    showConnectionCheck(start),
  );
} else {
  void readParameters(location.search).then((parameters) => new Page(parameters).start());
}
