/** One player's way through the game, from the join to the end. */

import { GameClient, type Sample, type Stats } from '@battle-circles/sdk';
import { startAutopilot } from './autopilot.ts';
import { Controls } from './controls.ts';
import { Game } from './game.ts';
import { element, showGame, showStatus } from './hud.ts';
import { type Body, UNITS_PER_PIXEL } from './movement.ts';
import type { Parameters } from './parameters.ts';
import type { Drawn, Picture } from './picture.ts';
import { figuresOf } from './scene.ts';
import type { View } from './view.ts';

/** The last frame. */
export interface Look {
  readonly figures: readonly Drawn[];
  /** The tick that the own figure is drawn at, and that of the newest snapshot. */
  readonly ownTick: number;
  readonly newestTick: number;
}

export class Session {
  look: Look = { figures: [], ownTick: 0, newestTick: 0 };
  private readonly game = new Game();
  private readonly client: GameClient<View, number, Body>;
  private readonly end = new AbortController();

  constructor(
    private readonly wish: Parameters,
    private readonly picture: Picture,
  ) {
    this.client = new GameClient({
      adapter: this.game.adapter,
      rung: wish.rung,
      emulate: wish.emulate,
      eventDelivery: 'at-tick',
    });
  }

  /** `over` is told why it is over, also when it never began. */
  start(over: (detail: string) => void): void {
    const { client, game } = this;
    client.on('welcome', ({ bytes }) => game.begin(bytes));
    client.on('event', ({ tick, bytes }) => game.take(tick, bytes));
    client.on('status', showStatus);
    client.on('closed', ({ detail }) => {
      this.end.abort();
      over(detail);
    });
    const { name = '', room, speed } = this.wish;
    const options = speed === undefined ? undefined : { speed };
    client.connect({ name, room, options }).then(
      () => this.play(),
      () => undefined, // `closed` tells of it.
    );
  }

  stats(): Stats {
    return this.client.stats();
  }

  /** Dashes that the server has told of. */
  dashes(name: string): number {
    const seats = [...this.game.names].filter(([, other]) => other === name);
    return seats.reduce((sum, [seat]) => sum + (this.game.dashes.get(seat) ?? 0), 0);
  }

  private play(): void {
    const controls = new Controls(
      (input) => this.client.setInput(input),
      () => {
        const own = this.look.figures.find((figure) => figure.isOwn);
        return own && this.picture.onScreen(own);
      },
    );
    controls.listen(element('plane'), element('dash'), this.end.signal);
    if (this.wish.isAutoplay) {
      startAutopilot(controls, this.end.signal);
    }
    this.frame();
  }

  private frame(): void {
    if (this.end.signal.aborted) {
      return;
    }
    requestAnimationFrame(() => this.frame());
    const sample = this.client.sample();
    if (sample !== undefined) {
      this.show(sample);
    }
  }

  private show(sample: Sample<View, Body>): void {
    const { own, newestTick } = sample;
    const { size = 0, radius = 0 } = this.game.welcome?.tuning ?? {};
    const figures = figuresOf(this.game, sample);
    this.look = { figures, ownTick: own?.tick ?? 0, newestTick };
    this.picture.draw(figures, size / UNITS_PER_PIXEL, radius / UNITS_PER_PIXEL);
    // An input that is set now decides how the tick that has begun ends, so whether it may dash is said by its beginning.
    showGame(this.game, sample, own?.previous);
  }
}
