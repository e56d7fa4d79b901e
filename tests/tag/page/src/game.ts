/** What the page knows of the game, and the SDK's adapter to it. No client and no picture. */

import type { GameAdapter } from '@battle-circles/sdk';
import { type Body, step, UNITS_PER_PIXEL } from './movement.ts';
import { applyDelta, EMPTY_VIEW, type View } from './view.ts';
import { DASH, type GameEvent, held, readEvent, readWelcome, type Welcome } from './wire.ts';

/** One session of the game. */
export class Game {
  welcome: Welcome | undefined;
  readonly names = new Map<number, string>();
  /** Dashes that the server has told of, by seat. */
  readonly dashes = new Map<number, number>();
  /** The newest thing worth reading, and the tick that it happened at. */
  news = { text: '', tick: 0 };

  readonly adapter: GameAdapter<View, number, Body> = {
    emptyView: EMPTY_VIEW,
    neutralInput: 0,
    decodeDelta: (reader, baseline) => applyDelta(reader, baseline),
    encodeInput: (writer, input) => void writer.u8(input),
    repeatInput: held,
    joinInputs: (unused, newest) => (unused & DASH) | newest,
    prediction: {
      own: (view) => this.own(view),
      step: (own, input) => (this.welcome ? step(own, input, this.welcome.tuning) : own),
      position: (own) => own,
      unitsPerPixel: UNITS_PER_PIXEL,
    },
    playerCount: () => this.names.size,
  };

  /** A session begins, perhaps a second one after the first was lost. */
  begin(bytes: Uint8Array): void {
    this.welcome = readWelcome(bytes);
    this.names.clear();
    this.dashes.clear();
    this.news = { text: '', tick: 0 };
  }

  take(tick: number, bytes: Uint8Array): void {
    const event = readEvent(bytes);
    const text = this.told(event);
    this.news = text === undefined ? this.news : { text, tick };
    switch (event.kind) {
      case 'joined':
        this.names.set(event.seat, event.name);
        break;
      case 'left':
        this.names.delete(event.seat);
        break;
      case 'dashed':
        this.dashes.set(event.seat, (this.dashes.get(event.seat) ?? 0) + 1);
        break;
      case 'tagged':
      case 'won':
        break;
    }
  }

  nameOf(seat: number): string {
    return this.names.get(seat) ?? 'somebody';
  }

  private own(view: View): Body | undefined {
    const figure = this.welcome && view.figures[this.welcome.seat];
    return figure && view.own && { x: figure.x, y: figure.y, ...view.own };
  }

  private told(event: GameEvent): string | undefined {
    switch (event.kind) {
      case 'joined':
        return this.names.has(event.seat) ? undefined : `${event.name} is here`;
      case 'left':
        return `${this.nameOf(event.seat)} has left`;
      case 'tagged':
        return `${this.nameOf(event.by)} tagged ${this.nameOf(event.whom)}`;
      case 'won':
        return `${this.nameOf(event.seat)} wins the round`;
      case 'dashed':
        return undefined;
    }
  }
}
