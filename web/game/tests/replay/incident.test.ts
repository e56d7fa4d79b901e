/** What a player saw finds its match, its tick and its distance from what there was. */

import { describe, expect, test } from 'vitest';
import { Frame } from '../../src/model/frame.ts';
import { fillFrame } from '../../src/replay/fill-frame.ts';
import { Film } from '../../src/replay/film.ts';
import { type Alignment, fillSeen, Incident, type Offsets } from '../../src/replay/incident.ts';
import { incidentLine } from '../../src/replay/incident-bar.ts';
import { ReplayFileError } from '../../src/replay/replay-file-error.ts';
import type { Sight } from '../../src/sight/sight-file.ts';
import { goldenFile, sightOf } from '../support/golden-view.ts';

/** Seat 5 of the golden match lives to its end. */
const SEAT = 5;
const LATE = 12;

const film = new Film(goldenFile);
const match = (sight: Sight): Incident => Incident.match(sight, goldenFile, film);

function offsetsAt(incident: Incident, tick: number, alignment: Alignment): Offsets | undefined {
  const look = incident.at(tick, alignment);
  if (look === undefined) {
    return undefined;
  }
  const seen = new Frame();
  const there = new Frame();
  fillSeen(look, seen);
  fillFrame(film.at(tick), SEAT, SEAT, there);
  return incident.offsets(look, seen, there);
}

describe('what a player saw', () => {
  test('is late by what it was late, at the same moment', () => {
    const incident = match(sightOf(SEAT, LATE, 1_000, 2_000));
    expect(incident).toMatchObject({ seat: SEAT, name: 'Pia', start: 1_000 });
    const offsets = offsetsAt(incident, 1_500, 'moment');
    expect(offsets?.age).toBeCloseTo(200);
    expect(offsets?.own).toBeLessThan(0.5);
    expect(offsets?.others).toBeGreaterThan(5);
  });

  test('is where things were, at the same tick', () => {
    const offsets = offsetsAt(match(sightOf(SEAT, LATE, 1_000, 2_000)), 1_500, 'tick');
    expect(offsets?.age).toBeCloseTo(200);
    expect(offsets?.others).toBeLessThan(0.5);
    expect(offsets?.own).toBeGreaterThan(5);
  });

  test('is nothing where it was not recorded', () => {
    const incident = match(sightOf(SEAT, LATE, 1_000, 2_000));
    expect(incident.at(980, 'moment')).toBeUndefined();
    expect(incident.at(2_020, 'moment')).toBeUndefined();
    expect(incident.at(1_990, 'tick')?.row.shownTick).toBe(1_987);
  });

  test('goes evenly between two looks at the screen', () => {
    const look = match(sightOf(SEAT, LATE, 1_000, 2_000)).at(1_501, 'moment');
    expect(look?.row.serverTick).toBe(1_501);
    const next = match(sightOf(SEAT, LATE, 1_000, 2_000)).at(1_502.5, 'moment');
    expect(next).toMatchObject({ share: 0.5 });
  });

  test('of another room, time or match is refused in a sentence', () => {
    const sight = sightOf(SEAT, LATE, 1_000, 2_000);
    const refusal = (other: Sight): unknown => {
      try {
        match(other);
      } catch (error) {
        return error instanceof ReplayFileError ? error.message : error;
      }
      return 'taken';
    };
    expect(refusal(sight)).toBe('taken');
    expect(refusal({ ...sight, room: 'lake' })).toContain('room “lake”');
    const later = sight.rows.map((row) => ({ ...row, shownTick: row.shownTick + 50_000 }));
    expect(refusal({ ...sight, rows: later })).toContain('nothing from the time');
    expect(refusal({ ...sight, rows: [] })).toContain('nothing from the time');
    const elsewhere = sight.rows.map((row) => ({
      ...row,
      circles: row.circles.map((circle) => ({ ...circle, x: -circle.y, y: circle.x })),
    }));
    expect(refusal({ ...sight, rows: elsewhere })).toContain('another match');
  });
});

test('an incident is told in one line', () => {
  const look = match(sightOf(SEAT, LATE, 1_000, 2_000)).at(1_501, 'moment');
  const offsets = { age: 112.4, own: 3.2, others: 41 };
  expect(incidentLine('Ada', look, offsets)).toBe(
    'Ada saw others 112 ms late · own circle 3 px off · others up to 41 px',
  );
  expect(incidentLine('Ada', undefined, undefined)).toBe(
    'Ada’s file has nothing from this moment.',
  );
});
