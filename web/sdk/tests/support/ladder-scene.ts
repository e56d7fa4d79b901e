/** A ladder and links that behave as told, for tests in virtual time. */

import { Ladder } from '../../src/net/ladder/ladder.ts';
import type { LadderCommand } from '../../src/net/ladder/ladder-command.ts';
import type { RungKind } from '../../src/rung.ts';

const ALL: RungKind[] = ['webtransport', 'webrtc', 'websocket'];

/** What a rung's link does once it is opened, in milliseconds after that. */
export interface Behaviour {
  /** When it attaches and begins to bring snapshots; never, when absent. */
  readonly opensAfter?: number;
  /** When the server has answered a step of its set-up. */
  readonly answersAfter?: readonly number[];
  /** When it fails with an error; never, when absent. */
  readonly failsAfter?: number;
  /** Whether a snapshot passes at a moment; always, when absent. */
  readonly passes?: (now: number) => boolean;
}

interface OpenLink {
  readonly rung: RungKind;
  readonly openedAt: number;
  use: string;
  isUp: boolean;
  isMute: boolean;
}

/** A ladder and links that behave as told, in steps of 10 ms of virtual time. */
export class Scene {
  now = 0;
  readonly opened: string[] = [];
  readonly moves: string[] = [];
  /** Snapshots brought, by rung, and those that were news to the player. */
  readonly brought: Record<RungKind, number> = { webtransport: 0, webrtc: 0, websocket: 0 };
  news = 0;
  newsAt = 0;
  /** Time beyond 150 ms after the newest snapshot. */
  starved = 0;
  readonly links = new Map<number, OpenLink>();
  readonly behaviour: Partial<Record<RungKind, Behaviour>>;
  readonly ladder: Ladder;

  constructor(
    behaviour: Partial<Record<RungKind, Behaviour>>,
    options: { rungs?: RungKind[]; hint?: RungKind; isWarm?: boolean; dice?: number } = {},
  ) {
    this.behaviour = behaviour;
    this.ladder = new Ladder(0, {
      rungs: options.rungs ?? ALL,
      hint: options.hint,
      isWarm: options.isWarm === true,
      random: () => options.dice ?? 0.5,
    });
    this.poll();
  }

  get rung(): RungKind | undefined {
    const { current } = this.ladder;
    return current === undefined ? undefined : this.links.get(current)?.rung;
  }

  live(rung: RungKind): OpenLink | undefined {
    return [...this.links.values()].findLast((link) => link.rung === rung);
  }

  uses(): string[] {
    return [...this.links.values()].map(({ rung, use }) => `${rung} ${use}`).toSorted();
  }

  run(until: number): this {
    while (this.now < until) {
      this.now += 10;
      for (const [id, link] of [...this.links]) {
        this.step(id, link);
      }
      this.poll();
    }
    return this;
  }

  /** The link closes on its own. */
  kill(rung: RungKind, isStale = false): void {
    for (const [id, link] of this.links) {
      if (link.rung === rung) {
        this.links.delete(id);
        this.ladder.onClosed(this.now, id, 'killed', isStale);
      }
    }
    this.poll();
  }

  private step(id: number, link: OpenLink): void {
    const age = this.now - link.openedAt;
    const { opensAfter, answersAfter, failsAfter } = this.behaviour[link.rung] ?? {};
    if (failsAfter !== undefined && age >= failsAfter) {
      this.links.delete(id);
      this.ladder.onClosed(this.now, id, 'failed');
      return;
    }
    if (answersAfter?.includes(age) === true) {
      this.ladder.onAnswered(this.now, id);
    }
    if (opensAfter !== undefined && age >= opensAfter && !link.isUp) {
      link.isUp = true;
      this.ladder.onAttached(id);
    }
    const passes = this.behaviour[link.rung]?.passes?.(this.now) !== false;
    const brings = link.isUp && !link.isMute && link.use === 'active' && passes;
    if (brings && (this.now % 50 === 0 || age === opensAfter)) {
      this.bring(id, link.rung);
    }
  }

  private bring(id: number, rung: RungKind): void {
    const isNews = this.newsAt < this.now;
    this.brought[rung] += 1;
    if (isNews) {
      this.news += 1;
      this.starved += this.newsAt === 0 ? 0 : Math.max(0, this.now - this.newsAt - 150);
      this.newsAt = this.now;
    }
    this.ladder.onSnapshot(this.now, id, isNews);
    this.poll();
  }

  private poll(): void {
    for (const command of this.ladder.poll(this.now)) {
      this.execute(command);
    }
  }

  private execute(command: LadderCommand): void {
    switch (command.kind) {
      case 'open':
        this.opened.push(`${this.now} ${command.rung}`);
        this.links.set(command.attempt, {
          rung: command.rung,
          openedAt: this.now,
          use: 'active',
          isUp: false,
          isMute: false,
        });
        break;
      case 'close':
        this.links.delete(command.attempt);
        break;
      case 'use': {
        const link = this.links.get(command.attempt);
        if (link !== undefined) {
          link.use = command.use;
        }
        break;
      }
      case 'move':
        this.moves.push(`${this.now} ${this.rung}`);
        break;
    }
  }
}

/** Links as they come up on a good path of 100 ms round trip. */
export const GOOD = {
  webtransport: { opensAfter: 370 },
  webrtc: { opensAfter: 1_270 },
  websocket: { opensAfter: 250 },
};
