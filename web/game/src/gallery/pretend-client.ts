/** Stands in for the SDK's client: samples come from a pond in the page instead of a server. */

import type { ClientEvents, Sample, Stats, Status, Welcomed } from '@battle-circles/sdk';
import type { Client } from '../app/client.ts';
import type { Own } from '../model/adapter.ts';
import { boundaryRadius } from '../model/boundary.ts';
import type { GameEvent, GameInput } from '../model/events.ts';
import type { Room } from '../model/room.ts';
import { View } from '../model/view.ts';
import { PretendPond } from './pretend-pond.ts';
import { pretendStats, results, roster, type Scenario } from './scenarios.ts';

const TICKS_A_MILLISECOND = 0.06;

const POND = 1_800;

/** How long the pond has lived before one looks, in ticks. */
const WARM_UP = 50;

/** A client whose room is `room`, fed directly; nothing goes through the wire's forms. */
export class PretendClient implements Client {
  private readonly pond: PretendPond;
  private readonly views = [new View(), new View()] as const;
  private begun: number | undefined;
  private steps = 0;
  private latest = 0;
  private input: GameInput = { x: 0, y: 0, dash: false };
  private isSteered = false;

  constructor(
    private readonly scene: Scenario,
    private readonly random: () => number,
    private readonly room: Room,
  ) {
    const isYoung = scene.phase === 'lobby' || scene.phase === 'countdown';
    const radius = boundaryRadius(scene.boundary, isYoung ? 0 : scene.tick, POND);
    this.pond = new PretendPond(random, scene.players, radius, scene.mass);
    this.pond.onEaten = (victim, eater) => this.feed({ kind: 'eaten', victim, eater });
    this.isSteered = scene.isOutside;
    this.setScene();
  }

  get status(): Status {
    const { state, quality, returning } = this.scene;
    return { state, quality, returning, rung: quality === 'good' ? 'webtransport' : 'websocket' };
  }

  on<K extends keyof ClientEvents>(
    _kind: K,
    _handler: (event: ClientEvents[K]) => void,
  ): () => void {
    return () => undefined;
  }

  resumable(): undefined {
    // Nobody has been here.
  }

  prepare(): void {
    // There is nobody to ask.
  }

  connect(): Promise<Welcomed> {
    return Promise.reject(new Error('the gallery has no server'));
  }

  leave(): void {
    // There is nothing to leave.
  }

  action(_bytes: Uint8Array): void {
    // Nobody hears it.
  }

  setInput(input: GameInput): void {
    this.input = input;
    this.isSteered = true;
  }

  stats(): Stats {
    return pretendStats(this.scene, this.random, this.steps);
  }

  recording(): string {
    return 'at_ms,direction,delay_ms\n';
  }

  sample(now = performance.now()): Sample<View, Own> {
    this.begun ??= now;
    const age = (now - this.begun) * TICKS_A_MILLISECOND;
    const isStill = this.scene.phase === 'lobby' || this.scene.phase === 'countdown';
    for (let behind = 0; this.steps <= age && behind < 120; behind += 1) {
      this.advance(isStill || this.scene.quality === 'gone');
    }
    const tick = this.scene.tick + age;
    const from = this.views[1 - this.latest] as View;
    const to = this.views[this.latest] as View;
    return {
      from,
      to,
      alpha: Math.min(1, age - this.steps + 1),
      fromTick: Math.floor(tick),
      toTick: Math.ceil(tick),
      tick,
      serverTick: tick,
      newest: to,
      newestTick: Math.ceil(tick),
      isExtrapolated: false,
      isFrozen: false,
      own: this.predicted(from, to, Math.min(1, age - this.steps + 1), tick),
    };
  }

  private predicted(from: View, to: View, alpha: number, tick: number): Sample<View, Own>['own'] {
    if (!to.own.present) {
      return undefined;
    }
    const x = from.own.x + (to.own.x - from.own.x) * alpha;
    const y = from.own.y + (to.own.y - from.own.y) * alpha;
    return { previous: from.own, current: to.own, alpha, x, y, tick };
  }

  private advance(isStill: boolean): void {
    this.steps += 1;
    if (!isStill) {
      this.pond.boundary = boundaryRadius(
        this.scene.phase === 'playing' ? this.scene.boundary : [],
        this.scene.tick + this.steps,
        POND,
      );
      this.pond.step(this.isSteered ? this.input : undefined);
    }
    this.look();
    if (this.steps % 60 === 1 && this.scene.phase === 'playing') {
      this.tellStandings();
    }
  }

  private look(): void {
    this.latest = 1 - this.latest;
    this.pond.view(0, this.focus(), this.views[this.latest] as View);
  }

  /** The own circle, or else the largest. */
  private focus(): number {
    const { fish } = this.pond;
    if (fish[0]?.isAlive === true) {
      return 0;
    }
    const alive = [...fish.entries()].filter(([, { isAlive }]) => isAlive);
    return alive.sort(([, a], [, b]) => b.mass - a.mass)[0]?.[0] ?? 0;
  }

  private setScene(): void {
    const { scene, pond } = this;
    for (let step = 0; step < WARM_UP && scene.phase === 'playing'; step += 1) {
      pond.step(undefined);
    }
    this.feed(roster(scene, (seat) => pond.fish[seat]?.isAlive === true));
    const length = { lobby: 0, countdown: 200, playing: 10_800, results: 900 }[scene.phase];
    this.feed({
      kind: 'phase',
      phase: scene.phase,
      game: 3,
      started: 0,
      ends: length,
      boundary: scene.phase === 'lobby' ? [] : scene.boundary,
      respawnsUntil: scene.respawnsUntil,
    });
    if (scene.phase === 'results') {
      this.feed(results(scene));
    } else if (scene.phase === 'playing') {
      this.tellStandings();
      this.endLives();
    }
    this.look();
    this.look();
  }

  private endLives(): void {
    const { pond, scene } = this;
    const own = pond.fish[0];
    if (own !== undefined && scene.isOutside) {
      const distance = Math.hypot(own.x, own.y);
      const place = (pond.boundary + 110) * 256;
      own.x = Math.round((own.x / distance) * place);
      own.y = Math.round((own.y / distance) * place);
    }
    const last = pond.fish.at(-1);
    if (last !== undefined) {
      last.isAlive = false;
      this.feed({ kind: 'eaten', victim: pond.fish.length - 1, eater: 2 });
    }
    if (own !== undefined && !scene.isOwnAlive) {
      own.isAlive = false;
      this.feed({ kind: 'eaten', victim: 0, eater: 1 });
    }
    this.feed(roster(scene, (seat) => pond.fish[seat]?.isAlive === true));
  }

  private tellStandings(): void {
    const standings = [...this.pond.fish.entries()]
      .filter(([, { isAlive }]) => isAlive)
      .map(([seat, { mass }]) => ({ seat, mass }))
      .sort((a, b) => b.mass - a.mass);
    this.feed({ kind: 'standings', standings });
  }

  private feed(event: GameEvent): void {
    this.room.apply(event, performance.now());
  }
}
