/** The words around the picture. */

import type { Status } from '@battle-circles/sdk';
import type { Game } from './game.ts';
import type { Body } from './movement.ts';
import type { View } from './view.ts';

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

export function showGame(game: Game, view: View, own: Body | undefined): void {
  const { it, secondsLeft } = view;
  const me = game.welcome?.seat;
  const isMe = it !== undefined && it === me;
  const who = isMe ? 'You are it' : it === undefined ? 'Nobody is it' : `${game.nameOf(it)} is it`;
  element('it').textContent = `${who} · ${secondsLeft} s`;
  element('it').classList.toggle('is-me', isMe);
  element('who').textContent = me === undefined ? '' : game.nameOf(me);
  element('news').textContent = game.news;
  element<HTMLButtonElement>('dash').disabled = (own?.rest ?? 0) > 0;
}
