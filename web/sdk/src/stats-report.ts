/** Puts the statistics together from what the parts of a client have counted. */

import type { Connection } from './net/connection.ts';
import { Traffic } from './net/traffic.ts';
import type { FrameCounts, RungChange, Stats } from './stats.ts';
import type { Play } from './sync/play.ts';

/** What a client itself knows of its course. */
export interface Course {
  readonly timeToFirstSnapshot: number;
  readonly rungLog: readonly RungChange[];
  readonly players: number;
  /** Milliseconds that the page stood still. */
  readonly standstill: number;
}

/** The statistics at `now`; zeros where nothing is known yet. */
export function reportStats<View, Input, Own>(
  now: number,
  play: Play<View, Input, Own> | undefined,
  connection: Connection | undefined,
  course: Course,
): Stats {
  const path = play?.session.path;
  const meter = play?.meter;
  const traffic = connection?.traffic(now) ?? new Traffic();
  const { totals, beside } = traffic;
  const perSecond = traffic.perSecond(now);
  const links = connection?.linkStats ?? [];
  return {
    rung: connection?.rung,
    rtt: path?.roundTrip ?? 0,
    jitter: play?.jitter ?? 0,
    loss: meter?.downLoss.share() ?? 0,
    snapshots: meter?.snapshots ?? 0,
    snapshotAge: {
      p50: meter?.ages.quantile(now, 0.5) ?? 0,
      p99: meter?.ages.quantile(now, 0.99) ?? 0,
    },
    interpolationDelay: play?.delayAt(now) ?? 0,
    starvedFraction: meter?.starvation.share(now) ?? 0,
    corrections: {
      p50: meter?.corrections.quantile(now, 0.5) ?? 0,
      p95: meter?.corrections.quantile(now, 0.95) ?? 0,
    },
    bytesIn: totals.bytesIn,
    bytesOut: totals.bytesOut,
    bytesInPerSecond: perSecond.bytesIn,
    bytesOutPerSecond: perSecond.bytesOut,
    bytesBeside: { in: beside.bytesIn, out: beside.bytesOut },
    rungChanges: course.rungLog.filter(isChange).length,
    lastMove: course.rungLog.at(-1)?.why ?? '',
    linksInUse: links.filter(({ state }) => state === 'active').length,
    tick: play?.newestTick ?? 0,
    players: course.players,
    timeToFirstSnapshot: course.timeToFirstSnapshot,
    standstill: course.standstill,
    snapshotRate: meter?.rate(now) ?? 0,
    recentAges: meter?.recentAges.toArray() ?? [],
    inputLead: play?.inputLead ?? 0,
    lossUp: path?.loss ?? 0,
    inputCopies: play?.inputPolicy.copies ?? 0,
    frames: meter === undefined ? NO_FRAMES : { ...meter.frames },
    sequences: meter?.downLoss.sequences ?? { first: 0, newest: 0, received: 0 },
    counts: {
      superseded: meter?.count('late') ?? 0,
      duplicate: meter?.count('duplicate') ?? 0,
      undecodable: meter?.count('undecodable') ?? 0,
      malformed: meter?.count('malformed') ?? 0,
      unsent: totals.unsent,
    },
    links,
    rungLog: course.rungLog,
  };
}

const NO_FRAMES: FrameCounts = { sampled: 0, extrapolated: 0, frozen: 0 };

function isChange(change: RungChange): boolean {
  return change.from !== undefined && change.to !== undefined;
}
