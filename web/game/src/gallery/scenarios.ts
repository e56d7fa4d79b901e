/** The gallery's scenes: what has happened in the room before one looks. */

import type { ClientState, CloseCause, Returning, Stats } from '@battle-circles/sdk';
import type { GameEvent, Phase, RosterEntry, ShrinkStage } from '../model/events.ts';

const NAMES = [
  'Ada',
  'Mira',
  'Quiet Heron',
  'Žofie 🌊',
  'Bo',
  'Maximilian Teich',
  'Otter',
  '水鳥',
  'Lucky Carp',
  'Ines',
  'Tadpole',
  'Rasmus',
] as const;

export const SCENES = [
  'lobby',
  'countdown',
  'playing',
  'late',
  'outside',
  'spectating',
  'results',
  'won',
  'badlink',
  'gone',
  'restarting',
  'lost',
  'unreachable',
  'superseded',
  'start',
] as const;

export type SceneName = (typeof SCENES)[number];

/** One scene. */
export interface Scenario {
  readonly phase: Phase;
  /** Tick at which one begins to look; the game's phase began at 0. */
  readonly tick: number;
  readonly players: number;
  readonly isOwnAlive: boolean;
  readonly boundary: readonly ShrinkStage[];
  /** Tick until which the dead come back. */
  readonly respawnsUntil: number;
  readonly mass: (seat: number) => number;
  readonly state: ClientState;
  readonly quality: 'good' | 'bad' | 'gone';
  readonly returning: Returning | undefined;
  /** Why it is over, if it is. */
  readonly ended: CloseCause | undefined;
  readonly isOutside: boolean;
  readonly hasWon: boolean;
}

const STAGES: readonly ShrinkStage[] = [
  { start: 1_800, end: 2_700, from: 1_600, to: 1_200 },
  { start: 3_600, end: 4_500, from: 1_200, to: 800 },
  { start: 5_400, end: 7_200, from: 800, to: 400 },
];

const YOUNG = (seat: number): number => 100 + ((seat * 53) % 160);
const GROWN = (seat: number): number =>
  [640, 1_900, 150, 900, 260, 520, 90, 1_250, 330, 700, 120, 480][seat] ?? 200;

const PLAYING: Scenario = {
  phase: 'playing',
  tick: 1_420,
  players: 12,
  isOwnAlive: true,
  boundary: STAGES,
  respawnsUntil: 5_000,
  mass: YOUNG,
  state: 'playing',
  quality: 'good',
  returning: undefined,
  ended: undefined,
  isOutside: false,
  hasWon: false,
};

const GONE: Scenario = { ...PLAYING, quality: 'gone', state: 'reconnecting' };

/** The scene of that name. */
export function scenario(name: SceneName): Scenario {
  switch (name) {
    case 'lobby':
      return { ...PLAYING, phase: 'lobby', tick: 0 };
    case 'countdown':
      return { ...PLAYING, phase: 'countdown', tick: 20 };
    case 'late':
      return { ...PLAYING, tick: 6_200, players: 8, mass: GROWN };
    case 'outside':
      return { ...PLAYING, tick: 4_300, players: 8, mass: GROWN, isOutside: true };
    case 'spectating':
      return { ...PLAYING, tick: 3_900, mass: GROWN, isOwnAlive: false };
    case 'results':
      return { ...PLAYING, phase: 'results', tick: 150, mass: GROWN };
    case 'won':
      return { ...PLAYING, phase: 'results', tick: 150, mass: GROWN, hasWon: true };
    case 'badlink':
      return { ...PLAYING, quality: 'bad' };
    case 'gone':
      return GONE;
    case 'restarting':
      return { ...GONE, returning: 'restart' };
    case 'lost':
      return { ...GONE, returning: 'lost' };
    case 'unreachable':
    case 'superseded':
      return { ...GONE, state: 'closed', ended: name };
    case 'start':
    case 'playing':
      return PLAYING;
  }
}

/** The roster of a scene with these seats alive. */
export function roster(scene: Scenario, isAlive: (seat: number) => boolean): GameEvent {
  const entries: RosterEntry[] = NAMES.slice(0, scene.players).map((name, seat) => ({
    seat,
    name,
    isBot: seat >= 4 && seat % 3 !== 1,
    isAlive: isAlive(seat),
    isParked: seat === 7,
  }));
  return { kind: 'roster', entries };
}

/** The results of a scene. */
export function results(scene: Scenario): GameEvent {
  const seats = [1, 7, 0, 3, 9, 5, 11, 8, 4, 2, 10, 6].filter((seat) => seat < scene.players);
  const order = scene.hasWon ? [0, ...seats.filter((seat) => seat !== 0)] : seats;
  return {
    kind: 'results',
    rows: order.map((seat, index) => ({
      seat,
      place: index + 1,
      score: Math.round(5_200 / (index + 1.4)) * 3 + seat,
      peakMass: Math.round(4_100 / (index + 1.6)) + 80,
      circles: Math.max(0, 5 - index),
      knibbles: 148 - index * 11,
      survived: 10_800 - index * 800,
    })),
  };
}

/** Figures as a client of that quality would give them. */
export function pretendStats(scene: Scenario, random: () => number, frames: number): Stats {
  const isBad = scene.quality !== 'good';
  const ages = Array.from({ length: 120 }, (_, i) => {
    const spike = isBad && random() < 0.12 ? 160 + random() * 260 : 0;
    return 58 + 14 * random() + spike + 6 * Math.sin(i / 9);
  });
  return {
    rung: isBad ? 'websocket' : 'webtransport',
    rtt: isBad ? 187 : 54,
    jitter: isBad ? 31 : 3.4,
    loss: isBad ? 0.18 : 0.004,
    snapshots: Math.floor(frames / 3),
    snapshotAge: isBad ? { p50: 84, p99: 412 } : { p50: 61, p99: 78 },
    interpolationDelay: isBad ? 180 : 72,
    starvedFraction: isBad ? 0.091 : 0,
    corrections: isBad ? { p50: 1.1, p95: 5.5 } : { p50: 0, p95: 0.4 },
    frameCost: { p50: 0.1, p95: 0.3 },
    bytesIn: frames * 32,
    bytesOut: frames * 14,
    bytesInPerSecond: isBad ? 3_900 : 1_920,
    bytesOutPerSecond: isBad ? 1_700 : 840,
    bytesBeside: isBad ? { in: frames * 9, out: frames * 4 } : { in: 0, out: 0 },
    bytesExtra: isBad ? { in: frames * 12, out: frames * 8 } : { in: 0, out: 0 },
    rungChanges: isBad ? 2 : 0,
    lastMove: isBad ? 'webtransport is silent' : 'better rung',
    linksInUse: isBad ? 2 : 1,
    tick: frames,
    players: 4,
    timeToFirstSnapshot: 240,
    snapshotRate: isBad ? 24.6 : 30,
    recentAges: ages,
    inputLead: 2,
    standstill: 0,
    missedByPage: 0,
    sequences: { first: 1, newest: 2_400, received: isBad ? 2_140 : 2_398 },
    lossUp: isBad ? 0.11 : 0.002,
    inputCopies: isBad ? 4 : 2,
    frames: { sampled: frames, extrapolated: isBad ? 41 : 0, frozen: isBad ? 12 : 0 },
    counts: { superseded: 0, duplicate: 0, undecodable: 0, malformed: 0, unsent: 0 },
    links: [],
    rungLog: [],
  };
}
