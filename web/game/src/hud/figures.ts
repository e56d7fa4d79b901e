/** The net graph's figures: each with a name, a value with its unit, and what it means. Pure. */

import type { Stats } from '@battle-circles/sdk';
import { bitRate, percent, rungName } from './format.ts';

/** One figure in words. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  /** One line for who is no engineer. */
  readonly meaning: string;
}

/** All figures, in the order in which they are read. */
export function figures(stats: Stats): readonly Figure[] {
  const { p50, p99 } = stats.snapshotAge;
  return [
    {
      name: 'Update age',
      value: p99 > 0 ? `${whole(p50)}–${whole(p99)} ms` : '–',
      meaning: 'From server to you, usual to worst',
    },
    {
      name: 'Picture delay',
      value: milliseconds(stats.interpolationDelay),
      meaning: 'Others are drawn late, to glide',
    },
    {
      name: 'Round trip',
      value: milliseconds(stats.rtt),
      meaning: 'To the server and back',
    },
    {
      name: 'Jitter',
      value: milliseconds(stats.jitter),
      meaning: 'How unevenly updates come',
    },
    {
      name: 'Lost',
      value: `${percent(stats.loss)} ↓  ${percent(stats.lossUp)} ↑`,
      meaning: 'Never came ↓ to you, ↑ from you',
    },
    {
      name: 'Missed',
      value: percent(stats.missedByPage),
      meaning: 'Came while this device was busy',
    },
    {
      name: 'Starved',
      value: percent(stats.starvedFraction),
      meaning: 'Time with no news for over 150 ms',
    },
    {
      name: 'Corrections',
      value: `${stats.corrections.p95.toFixed(1)} px`,
      meaning: 'Your circle put right; 95 % are less',
    },
    {
      name: 'Updates',
      value: `${Math.round(stats.snapshotRate)} a second`,
      meaning: 'More often where some get lost',
    },
    {
      name: 'Path',
      value: path(stats),
      meaning: pathMeaning(stats),
    },
    {
      name: 'Inputs',
      value: stats.inputCopies > 0 ? `each sent ${times(stats.inputCopies)}` : '–',
      meaning:
        stats.inputCopies > 1 ? 'So that one lost does not matter' : 'Again where some get lost',
    },
    {
      name: 'Data down',
      value: bitRate(stats.bytesInPerSecond, 1_000),
      meaning: besideMeaning(stats.bytesBeside.in, stats.bytesIn, 'From the server'),
    },
    {
      name: 'Data up',
      value: bitRate(stats.bytesOutPerSecond, 1_000),
      meaning: besideMeaning(stats.bytesBeside.out, stats.bytesOut, 'To the server'),
    },
  ];
}

/** The rung that carries the game, and what helps it. */
function path(stats: Stats): string {
  const carrier = rungName(stats.rung);
  const active = stats.links.filter(({ state }) => state === 'active');
  const helper = active.find(({ rung }) => rung !== stats.rung);
  if (helper !== undefined) {
    return `${carrier} + ${rungName(helper.rung)}`;
  }
  return active.length > 1 ? `${carrier}, twice` : carrier;
}

function pathMeaning(stats: Stats): string {
  if (stats.linksInUse > 1) {
    return 'Two links at once, the newest wins';
  }
  if (stats.rungChanges === 0) {
    return 'No change up to now';
  }
  const changes = stats.rungChanges === 1 ? '1 change' : `${stats.rungChanges} changes`;
  return stats.lastMove === '' ? changes : `${changes}, last: ${stats.lastMove}`;
}

function besideMeaning(beside: number, all: number, plain: string): string {
  const share = all > 0 ? beside / all : 0;
  return share < 0.01 ? plain : `${percent(share)} of it by a second link`;
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}

function whole(value: number): string {
  return String(Math.round(value));
}

function milliseconds(value: number): string {
  if (value <= 0) {
    return '–';
  }
  return value < 9.95 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}
