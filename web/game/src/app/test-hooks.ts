/** `window.battleCircles`: what tests and the lab read from the page. */

import type { DatagramListener, Stats } from '@battle-circles/sdk';
import type { Phase } from '../model/events.ts';
import type { FrameCost } from './frame-cost.ts';
import type { Game, Self } from './game.ts';
import type { Session } from './session.ts';

/** The page's measurements. There from page load on; zeros and nulls before joining. */
export interface TestHooks {
  /** `since` as `GameClient.stats` takes it. */
  stats(since?: number): Omit<Stats, 'rung'> & { readonly rung: Stats['rung'] | null };
  /** The own circle, in pixels. */
  self(): Self;
  phase(): Phase | null;
  frameCost(): FrameCost | null;
  /** What the network did, as CSV; its header alone before there is anything. */
  recording(): string;
  /** What the screen has shown, as a file for `?replay`; null before there is anything. */
  sight(): Promise<Uint8Array | null>;
}

declare global {
  interface Window {
    battleCircles?: TestHooks;
    /** Hears of each datagram; for the lab, which sets it before any of the page's scripts run. */
    battleCirclesTap?: DatagramListener;
  }
}

/** Puts the hooks on the window; `game` gives the running one once there is one. */
export function installTestHooks(session: Session, game: () => Game | undefined): void {
  window.battleCircles = {
    stats: (since) => {
      const stats = session.client.stats(since);
      return { ...stats, rung: stats.rung ?? null };
    },
    self: () => game()?.self() ?? { x: 0, y: 0, mass: 0, alive: false },
    phase: () => session.timeline.phase ?? null,
    frameCost: () => game()?.cost.read() ?? null,
    recording: () => session.client.recording(),
    sight: async () => (await game()?.sight()) ?? null,
  };
}
