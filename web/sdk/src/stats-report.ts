/** Puts the statistics together from what the parts of a client have counted. */

import { Traffic } from './net/connection/traffic.ts';
import type { RungHistory } from './rung-history.ts';
import type { Session } from './session.ts';
import type { FrameCounts, RungChange, Stats } from './stats.ts';
import type { RecentWindow } from './sync/quantile.ts';

/** What a client itself knows of its course. */
export interface Course {
  readonly rungs: RungHistory;
  readonly players: number;
}

/** The statistics at `now`, quantiles from `since` on; zeros where nothing is known yet. */
export function reportStats<View, Input, Own>(
  now: number,
  since: number | undefined,
  session: Session<View, Input, Own> | undefined,
  course: Course,
): Stats {
  const { play, connection } = session ?? {};
  const quantile = (of: RecentWindow | undefined, q: number) => of?.quantile(now, q, since) ?? 0;
  const path = play?.lane.path;
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
    missedByPage: meter?.downLoss.missedShare() ?? 0,
    snapshots: meter?.snapshots ?? 0,
    snapshotAge: {
      p50: quantile(meter?.ages, 0.5),
      p99: quantile(meter?.ages, 0.99),
    },
    interpolationDelay: play?.delayAt(now) ?? 0,
    starvedFraction: meter?.starvation.share(now) ?? 0,
    corrections: {
      p50: quantile(meter?.corrections, 0.5),
      p95: quantile(meter?.corrections, 0.95),
    },
    frameCost: {
      p50: quantile(session?.cost.frames, 0.5),
      p95: quantile(session?.cost.frames, 0.95),
    },
    bytesIn: totals.bytesIn,
    bytesOut: totals.bytesOut,
    bytesInPerSecond: perSecond.bytesIn,
    bytesOutPerSecond: perSecond.bytesOut,
    bytesBeside: { in: beside.bytesIn, out: beside.bytesOut },
    bytesExtra: {
      in: meter?.extraBytesIn ?? 0,
      out: (play?.extraBytesOut ?? 0) + beside.bytesOut,
    },
    rungChanges: course.rungs.log.filter(isChange).length,
    lastMove: course.rungs.log.at(-1)?.why ?? '',
    linksInUse: links.filter(({ state }) => state === 'active').length,
    tick: play?.newestTick ?? 0,
    players: course.players,
    timeToFirstSnapshot: course.rungs.firstSnapshotAfter,
    standstill: session?.standstill.time ?? 0,
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
    rungLog: course.rungs.log,
  };
}

const NO_FRAMES: FrameCounts = { sampled: 0, extrapolated: 0, frozen: 0 };

function isChange(change: RungChange): boolean {
  return change.from !== undefined && change.to !== undefined;
}
