/** The words around the picture. */

import type { Sample, Status } from '@battle-circles/sdk';
import type { Game } from './game.ts';
import type { Body } from './movement.ts';
import type { View } from './view.ts';

/** News are read for so long: three seconds at 60 ticks a second. */
const NEWS_TICKS = 180;

/** The page's element of this name, which `index.html` has. */
export function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`the page has no #${id}`);
  }
  return found as T;
}

export function showStatus({ state, rung, quality }: Status): void {
  element('link').textContent = state === 'playing' ? `${rung ?? ''} · ${quality}` : state;
}

export function showGame(game: Game, sample: Sample<View, Body>, own: Body | undefined): void {
  const { it, secondsLeft } = sample.newest;
  const me = game.welcome?.seat;
  const isMe = it !== undefined && it === me;
  const who = isMe ? 'You are it' : it === undefined ? 'Nobody is it' : `${game.nameOf(it)} is it`;
  element('it').textContent = `${who} · ${secondsLeft} s`;
  element('it').classList.toggle('is-me', isMe);
  element('who').textContent = me === undefined ? '' : game.nameOf(me);
  const isNew = sample.tick - game.news.tick < NEWS_TICKS;
  element('news').textContent = isNew ? game.news.text : '';
  element<HTMLButtonElement>('dash').disabled = (own?.rest ?? 0) > 0;
}
