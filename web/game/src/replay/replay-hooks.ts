/** `window.battleCirclesReplay`: what tests read from the page under `?replay`. */

import type { Scene } from '../view/scene.ts';
import type { Offsets } from './incident.ts';
import type { Player } from './player.ts';

/** A place in the pond, in pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** What is shown; nulls before a file is open. */
export interface ReplayHooks {
  /** Drawn last. */
  tick(): number | null;
  /** First tick and last. */
  range(): readonly [number, number] | null;
  isPlaying(): boolean;
  /** Through whose eyes; 255 is the whole arena. */
  eyes(): number | null;
  /** Where a seat's circle is drawn. */
  circle(seat: number): Place | null;
  /** What the middle of the picture shows. */
  camera(): Place | null;
  offsets(): Offsets | null;
  /** Goes to a tick and stands still there. */
  seek(tick: number): void;
}

declare global {
  interface Window {
    battleCirclesReplay?: ReplayHooks;
  }
}

/** Puts the hooks on the window. */
export function installReplayHooks(
  player: () => Player | undefined,
  scene: () => Scene | undefined,
): void {
  window.battleCirclesReplay = {
    tick: () => player()?.there.tick ?? null,
    range: () => {
      const playback = player()?.playback;
      return playback === undefined ? null : [playback.start, playback.end];
    },
    isPlaying: () => player()?.playback.isPlaying ?? false,
    eyes: () => player()?.eyes ?? null,
    circle: (seat) => {
      const frame = player()?.frame;
      const isThere = frame?.has(seat) ?? false;
      return frame === undefined || !isThere
        ? null
        : { x: frame.x[seat] as number, y: frame.y[seat] as number };
    },
    camera: () => {
      const camera = scene()?.camera;
      return camera === undefined ? null : { x: camera.x, y: camera.y };
    },
    offsets: () => player()?.offsets ?? null,
    seek: (tick) => {
      const playback = player()?.playback;
      if (playback !== undefined) {
        playback.isPlaying = false;
        playback.seek(tick);
      }
    },
  };
}
