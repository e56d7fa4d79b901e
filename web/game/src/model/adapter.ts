/**
 * Battle Circles as the SDK sees it: its forms on the wire and its movement rule. The only file
 * that knows both sides.
 */

import type {
  DeltaContext,
  GameAdapter,
  PredictionRule,
  Reader,
  Writer,
} from '@battle-circles/sdk';
import { applyDelta } from './delta.ts';
import { type GameInput, writeInput } from './events.ts';
import { type Motion, type MovementTuning, step, UNITS_PER_PIXEL } from './movement.ts';
import { type OwnCircle, View } from './view.ts';

/** The predicted part of a view. */
export type Own = Motion;

/** What is known of the room outside the snapshots, as far as the wire and prediction need it. */
export interface RoomFacts {
  /** The movement rule's constants; nothing is predicted before they are known. */
  readonly movement: MovementTuning | undefined;
  /** Whether circles move in the step that makes `tick`. */
  canMove(tick: number): boolean;
  readonly playerCount: number;
}

/** Corrections of at least this many pixels are a new place, not an error. */
const SNAP_DISTANCE = 400;

/**
 * A circle hardly changes its course in so many milliseconds: after them one that turns off at a right angle is some five
 * pixels elsewhere, and one that turns back eight.
 */
const FORESIGHT_MS = 50;

/** The adapter for one client. */
export function createAdapter(room: RoomFacts): GameAdapter<View, GameInput, Own> {
  const prediction: PredictionRule<View, GameInput, Own> = {
    own: (view) => (view.own.present ? ownOf(view.own) : undefined),
    step: (own, input, tick) => stepOwn(own, input, tick, room),
    position: (own) => own,
    unitsPerPixel: UNITS_PER_PIXEL,
    snapDistance: SNAP_DISTANCE,
  };
  return {
    emptyView: new View(),
    neutralInput: { x: 0, y: 0, dash: false },
    decodeDelta: (
      reader: Reader,
      baseline: View,
      reuse: View | undefined,
      { baselineAge }: DeltaContext,
    ): View => {
      const view = reuse ?? new View();
      applyDelta(baseline, baselineAge, reader, view);
      return view;
    },
    encodeInput: (writer: Writer, input: GameInput) => writeInput(writer, input),
    repeatInput: ({ x, y }: GameInput) => ({ x, y, dash: false }),
    joinInputs: (unused: GameInput, { x, y, dash }: GameInput) => ({
      x,
      y,
      dash: dash || unused.dash,
    }),
    prediction,
    foresight: FORESIGHT_MS,
    playerCount: () => room.playerCount,
  };
}

function ownOf(circle: OwnCircle): Own {
  const { x, y, vx, vy, mass, cooldown } = circle;
  return { x, y, vx, vy, mass, cooldown };
}

function stepOwn(own: Own, input: GameInput, tick: number, room: RoomFacts): Own {
  if (room.movement === undefined || !room.canMove(tick)) {
    return own;
  }
  const next = { ...own };
  step(next, input, room.movement);
  return next;
}
