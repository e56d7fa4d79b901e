/** What a client measures, as `window.battleCircles.stats()` gives it. Times in milliseconds. */

import type { RungKind } from './rung.ts';

export interface Stats {
  /** The rung that carries the game, once one does. */
  readonly rung: RungKind | undefined;
  /** Smoothed round trip of State datagrams, less the time the peer held acks; 0 if unknown. */
  readonly rtt: number;
  /** Mean deviation of the snapshots' arrival from their even spacing. */
  readonly jitter: number;
  /** Share of snapshots that never came in time, 0 to 1; what the page missed is not in it. */
  readonly loss: number;
  /** Share of snapshots that the browser dropped because the page stood still, 0 to 1. */
  readonly missedByPage: number;
  /** Snapshots decoded in this session; joining anew begins another. */
  readonly snapshots: number;
  /** From the server's send to the receipt of shown snapshots, over the last minute. */
  readonly snapshotAge: { readonly p50: number; readonly p99: number };
  readonly interpolationDelay: number;
  /** Share of the time since the first snapshot that lies over 150 ms after the newest one came. */
  readonly starvedFraction: number;
  /** How far predictions were off in the last minute, in pixels. */
  readonly corrections: { readonly p50: number; readonly p95: number };
  /**
   * Main thread that the SDK took in a frame, over the last minute. Browsers round their clocks: to
   * 0.1 ms mostly, and Firefox to 1 ms.
   */
  readonly frameCost: { readonly p50: number; readonly p95: number };
  /** Payload of all links. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The same a second, over the last two. */
  readonly bytesInPerSecond: number;
  readonly bytesOutPerSecond: number;
  /** The part of it on links beside the one that carried the game: what a second link costs. */
  readonly bytesBeside: { readonly in: number; readonly out: number };
  /**
   * The part of it that lost datagrams cost: snapshots in between, copies of inputs and the
   * datagrams that carry them, and what a second link brings or takes once more.
   */
  readonly bytesExtra: { readonly in: number; readonly out: number };
  /** Moves from one rung to another, the first choice not counted. */
  readonly rungChanges: number;
  /** Why the game is where it is: the last of {@link rungLog}; empty before the first snapshot. */
  readonly lastMove: string;
  /** Links that carry State now. */
  readonly linksInUse: number;
  /** Tick of the newest snapshot. */
  readonly tick: number;
  readonly players: number;

  /** From `connect()` to the first snapshot; 0 before it. */
  readonly timeToFirstSnapshot: number;
  /**
   * Time in which the page itself stood still: one long task, and neither timers nor datagrams are
   * handed out. It is no silence, and what waited for its end is left out of ages, round trip,
   * jitter and delay.
   */
  readonly standstill: number;
  /** Snapshots a second over the last three. */
  readonly snapshotRate: number;
  /** Age of each of the last snapshots, oldest first, at most 120; what never came is not in it. */
  readonly recentAges: readonly number[];
  /** What the server said of our inputs: ticks ahead of the snapshot's. */
  readonly inputLead: number;
  /** Share of our own datagrams that the server never acknowledged. */
  readonly lossUp: number;
  /** Datagrams that carry each input now; 1 where nothing is lost. */
  readonly inputCopies: number;
  readonly frames: FrameCounts;
  readonly sequences: Sequences;
  readonly counts: DropCounts;
  readonly links: readonly LinkStats[];
  readonly rungLog: readonly RungChange[];
}

/** Frames since the session began, by what `sample()` gave. */
export interface FrameCounts {
  readonly sampled: number;
  /** Beyond the newest snapshot, farther than the game foresees; those that stood still are among them. */
  readonly extrapolated: number;
  /** Extrapolation had run out. */
  readonly frozen: number;
}

/**
 * Numbers of the session's snapshots, which the server counts up by one for each it sends:
 * `newest - first + 1 - received` never arrived, or couldn't be decoded (`counts` tells those).
 */
export interface Sequences {
  /** Of the first snapshot that came. */
  readonly first: number;
  /** The highest up to now; it goes on where the wire's number wraps around. */
  readonly newest: number;
  /** Different snapshots decoded, from the first on. */
  readonly received: number;
}

/** Datagrams that were not shown, by reason. */
export interface DropCounts {
  /** Overtaken by a newer snapshot; decoded where possible, never shown. */
  readonly superseded: number;
  readonly duplicate: number;
  /** Their baseline is not held, or they do not fit it. */
  readonly undecodable: number;
  readonly malformed: number;
  /** Datagrams of our own that were not sent, because the link was still busy with others. */
  readonly unsent: number;
}

/** One link, live or being opened. */
export interface LinkStats {
  readonly id: number;
  readonly rung: RungKind;
  readonly state: 'opening' | 'standby' | 'active';
  /** Sockets open, on the WebSocket rung; 1 elsewhere. */
  readonly stripes: number;
  readonly snapshots: number;
  /** Payload. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** A change of the rung that carries the game. */
export interface RungChange {
  /** Milliseconds since `connect()`. */
  readonly at: number;
  readonly from: RungKind | undefined;
  readonly to: RungKind | undefined;
  readonly why: string;
}
