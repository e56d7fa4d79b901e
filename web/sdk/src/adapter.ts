/**
 * The line between the SDK and a game: implement {@link GameAdapter}, and the client speaks for a
 * game without knowing what it is. Nothing here draws, simulates or names a circle.
 */

import type { Reader, Writer } from './protocol/codec.ts';

/**
 * One game's forms on the wire. `View` is what a player sees at one tick, `Input` what a player
 * does at one tick, `Own` the part of a view that the client predicts.
 */
export interface GameAdapter<View, Input, Own = never> {
  /** The view that a snapshot without a baseline is a delta against. It is never changed. */
  readonly emptyView: View;

  /** The input of a tick in which the player does nothing. */
  readonly neutralInput: Input;

  /**
   * Reads a delta to the end of `reader` and gives the view it makes of `baseline`, which must stay
   * as it is. `reuse` is a view that nobody refers to any more and that may be overwritten and given
   * back, so that decoding allocates little. `context` is used again for the next delta.
   *
   * @throws {@link DecodeError} when the bytes are malformed or do not fit the baseline; the
   * snapshot then counts as undecodable.
   */
  decodeDelta(reader: Reader, baseline: View, reuse: View | undefined, context: DeltaContext): View;

  /** Appends one input. */
  encodeInput(writer: Writer, input: Input): void;

  /**
   * What an input becomes when it is repeated for a further tick: what was pressed once is released,
   * what is held down stays. The server's game says the same. Default: the input as it is.
   */
  repeatInput?(input: Input): Input;

  /**
   * What a tick gets for its input `newest` and one before it, `unused`, that no tick has taken yet:
   * what was pressed in `unused` is to be added. The server's rule does the same for one that came too
   * late. Default: `unused` is dropped.
   */
  joinInputs?(unused: Input, newest: Input): Input;

  /** The movement rule that the client shares with the server, if it predicts at all. */
  readonly prediction?: PredictionRule<View, Input, Own>;

  /**
   * Milliseconds, 0 to 100, for which what others steer may be taken to keep its course: the picture
   * is drawn so much nearer to the present, beyond the newest view where need be. What turns out to be
   * elsewhere is for the game to smooth. Default: 0.
   */
  readonly foresight?: number;

  /** Players in the room, for the statistics; the SDK knows none of the game's events. */
  playerCount?(): number;
}

/** An input as it is in a further tick. */
export function repeated<Input>(
  adapter: Pick<GameAdapter<never, Input>, 'repeatInput'>,
  input: Input,
): Input {
  return adapter.repeatInput === undefined ? input : adapter.repeatInput(input);
}

/** Which snapshot a delta makes, and of which one. */
export interface DeltaContext {
  /** The tick that the snapshot shows. */
  readonly tick: number;
  /** How many ticks older the baseline is; 0 for the empty view. */
  readonly baselineAge: number;
  /** The baseline's tick; `tick` itself for the empty view. */
  readonly baselineTick: number;
}

/** How a client runs its own figure ahead of the server. */
export interface PredictionRule<View, Input, Own> {
  /** The own state in a snapshot, if the player has one there. */
  own(view: View): Own | undefined;

  /** The state one step later: `tick` is the tick that the step makes. Pure; `own` stays as it is. */
  step(own: Own, input: Input, tick: number): Own;

  /** Where a state stands, in any unit; corrections are smoothed in it. */
  position(own: Own): Point;

  /** Units of `position` in a pixel, the unit of `stats().corrections`. Default: 1. */
  readonly unitsPerPixel?: number;

  /**
   * A correction of at least this many pixels is a jump (a respawn, a new game) and is shown at
   * once. Default: never.
   */
  readonly snapDistance?: number;
}

/** A place in the plane. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What to draw at one moment. The object is the same at each call and holds good until the next. */
export interface Sample<View, Own> {
  /** The view to interpolate from. */
  readonly from: View;
  /** The view to interpolate to; the same as `from` where there is only one. */
  readonly to: View;
  /** 0 shows `from`, 1 shows `to`; above 1 while extrapolating. */
  readonly alpha: number;
  /** Ticks of the two views. */
  readonly fromTick: number;
  readonly toTick: number;
  /** The tick shown, with its fraction; it never goes back, except after the page was hidden. */
  readonly tick: number;
  /** The tick at which the server is now, as far as is known, with its fraction. */
  readonly serverTick: number;
  /** The newest view, for what must not wait for interpolation. */
  readonly newest: View;
  readonly newestTick: number;
  /** Whether the tick shown lies beyond the newest view, and farther than the adapter's `foresight`. */
  readonly isExtrapolated: boolean;
  /** Whether even extrapolation has run out, so that the picture stands still. */
  readonly isFrozen: boolean;
  /** The own figure, predicted; absent while the player has none or the adapter predicts nothing. */
  readonly own: PredictedOwn<Own> | undefined;
}

/** The own figure on its way through the tick that has begun. */
export interface PredictedOwn<Own> {
  /** As the tick began. */
  readonly previous: Own;
  /** As it ends, if the input stays what it is now. */
  readonly current: Own;
  /** 0 shows `previous`, 1 shows `current`. */
  readonly alpha: number;
  /**
   * Where to draw it, in the unit of `position`: interpolated, with what is left of the last
   * correction added.
   */
  readonly x: number;
  readonly y: number;
  /** The tick shown, with its fraction; ahead of the server by about the round trip. */
  readonly tick: number;
}
