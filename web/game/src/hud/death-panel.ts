/**
 * What one may do who has been eaten: back into play while the ring is wide, another room at any time, and whom to watch until
 * then. It stands under the words that tell whom one watches.
 */

import type { Room } from '../model/room.ts';
import { element, setText } from './dom.ts';
import { secondsLeft } from './format.ts';

/** What the player may ask for. */
export interface DeathChoices {
  /** Back into play in this match. */
  respawn(): void;
  /** Into another match, now. */
  playElsewhere(): void;
  /** Has the camera follow the next of the living (1), or the one before (−1). */
  watch(step: 1 | -1): void;
}

/** The buttons of who is dead. */
export class DeathPanel {
  readonly root = element('div', 'death-choices');
  private readonly back = element('button', 'main-button death-back');
  private readonly elsewhere = element('button', 'quiet-button', 'Play again now');
  private readonly previous = arrow('‹', 'Watch the one before');
  private readonly next = arrow('›', 'Watch the next one');
  private wasDead = false;

  constructor(private readonly choices: DeathChoices) {
    this.back.type = 'button';
    this.elsewhere.type = 'button';
    this.elsewhere.title = 'Leaves this match for one that has just begun';
    this.back.addEventListener('click', () => choices.respawn());
    this.elsewhere.addEventListener('click', () => {
      // A second press would leave the match that the first one is on its way to.
      this.elsewhere.disabled = true;
      choices.playElsewhere();
    });
    this.previous.addEventListener('click', () => choices.watch(-1));
    this.next.addEventListener('click', () => choices.watch(1));
    const watching = element('div', 'death-watch');
    watching.append(this.previous, this.elsewhere, this.next);
    this.root.append(this.back, watching);
    this.root.hidden = true;
  }

  update(room: Room, hasCircle: boolean, tick: number, tickRate: number): void {
    const isDead = room.role(hasCircle) === 'spectating';
    this.root.hidden = !isDead;
    if (!isDead) {
      this.wasDead = false;
      this.elsewhere.disabled = false;
      return;
    }
    const left = secondsLeft(room.phase.respawnsUntil - tick, tickRate);
    const mayRespawn = room.isOwnDead() && left > 0;
    this.back.hidden = !mayRespawn;
    this.back.disabled = room.isRespawning;
    setText(this.back, room.isRespawning ? 'Coming back…' : `Back in play (${left} s)`);
    if (!this.wasDead && mayRespawn) {
      // Enter and the space bar press it, without a way to it first.
      this.back.focus({ preventScroll: true });
    }
    this.wasDead = mayRespawn;
  }

  /** A key that steers the living leads from one watched player to the next. */
  key(event: KeyboardEvent): void {
    if (this.root.hidden || event.target instanceof HTMLInputElement) {
      return;
    }
    if (event.code === 'ArrowLeft' || event.code === 'ArrowRight') {
      this.choices.watch(event.code === 'ArrowLeft' ? -1 : 1);
    }
  }
}

function arrow(sign: string, label: string): HTMLButtonElement {
  const made = element('button', 'quiet-button death-arrow', sign);
  made.type = 'button';
  made.setAttribute('aria-label', label);
  made.title = label;
  return made;
}
