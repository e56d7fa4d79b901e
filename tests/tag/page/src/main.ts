/** The page: asks for a name, unless its address has one, and plays. */

import type { Stats } from '@battle-circles/sdk';
import { element } from './hud.ts';
import { type Parameters, readParameters } from './parameters.ts';
import { Picture } from './picture.ts';
import { type Look, Session } from './session.ts';

declare global {
  interface Window {
    /** What tests read from the page. */
    tag?: {
      stats(): Stats;
      look(): Look;
      dashes(name: string): number;
    };
  }
}

const form = element<HTMLFormElement>('start');
const picture = new Picture(element<HTMLCanvasElement>('plane'));

function play(wish: Parameters): void {
  const session = new Session(wish, picture);
  window.tag = {
    stats: () => session.stats(),
    look: () => session.look,
    dashes: (name) => session.dashes(name),
  };
  form.hidden = true;
  session.start((detail) => {
    element('problem').textContent = detail;
    form.hidden = false;
  });
}

const parameters = await readParameters(location.search);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const word = (key: string) => String(given.get(key) ?? '').trim() || undefined;
  play({ ...parameters, name: word('name'), room: word('room'), speed: Number(word('speed')) });
});
if (parameters.name !== undefined) {
  play(parameters);
}
