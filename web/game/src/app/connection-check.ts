/** The page under `?check`: says which ways lead from this browser and network to the server. */

import { checkRungs, RUNGS, type RungCheck, type RungKind } from '@battle-circles/sdk';
import { createAdapter } from '../model/adapter.ts';
import { Timeline } from '../model/timeline.ts';
import { checkLine, checkVerdict } from './check-text.ts';
import { withServerOf } from './server-origin.ts';

/** Takes the start screen's place, and tries one way after the other to the server at `origin`. */
export async function showConnectionCheck(start: HTMLElement, origin: string): Promise<void> {
  document.title = 'Connection check';
  const heading = document.createElement('h1');
  heading.textContent = 'Connection check';
  const list = document.createElement('ol');
  const lines = new Map(RUNGS.map((rung) => [rung, list.appendChild(line(rung))]));
  const verdict = document.createElement('p');
  verdict.className = 'check-verdict';
  verdict.setAttribute('role', 'status');
  verdict.textContent = 'This takes up to half a minute.';
  const play = document.createElement('a');
  play.href = withServerOf(location.href, new URL('.', location.href)).href;
  play.textContent = 'Play';
  const panel = document.createElement('section');
  panel.className = 'check';
  panel.append(heading, list, verdict, play);
  start.replaceChildren(panel);

  const checks: RungCheck[] = [];
  for await (const check of checkRungs({ origin, adapter: createAdapter(new Timeline()) })) {
    checks.push(check);
    const line = lines.get(check.rung);
    if (line !== undefined) {
      line.textContent = checkLine(check);
      line.className = check.fault === undefined ? 'check-good' : 'check-bad';
    }
  }
  verdict.textContent = checkVerdict(checks);
  panel.setAttribute('data-done', '');
}

function line(rung: RungKind): HTMLLIElement {
  const item = document.createElement('li');
  item.textContent = checkLine({ rung });
  return item;
}
