import { describe, expect, test } from 'vitest';
import { matchTime, Playback } from '../../src/replay/playback.ts';

describe('a playback', () => {
  test('stands still until it plays, and goes at its speed', () => {
    const playback = new Playback(100, 700, 60);
    playback.advance(500);
    expect(playback.tick).toBe(100);
    playback.toggle();
    playback.advance(500);
    expect(playback.tick).toBe(130);
    playback.speed = 4;
    playback.advance(500);
    expect(playback.tick).toBe(250);
    playback.speed = 0.25;
    playback.advance(1_000);
    expect(playback.tick).toBe(265);
  });

  test('stops at the end, and begins anew from there', () => {
    const playback = new Playback(100, 160, 60);
    playback.toggle();
    playback.advance(5_000);
    expect(playback.tick).toBe(160);
    expect(playback.isPlaying).toBe(false);
    playback.toggle();
    expect(playback.tick).toBe(100);
    expect(playback.isPlaying).toBe(true);
  });

  test('goes elsewhere, but not out of the match', () => {
    const playback = new Playback(100, 700, 60);
    playback.skip(2);
    expect(playback.tick).toBe(220);
    playback.skip(-10);
    expect(playback.tick).toBe(100);
    playback.seek(9_999);
    expect(playback.tick).toBe(700);
  });

  test('steps by whole ticks and stands still there', () => {
    const playback = new Playback(100, 700, 60);
    playback.toggle();
    playback.seek(200.4);
    playback.step(1);
    expect(playback.tick).toBe(201);
    expect(playback.isPlaying).toBe(false);
  });

  test('tells once that it has jumped', () => {
    const playback = new Playback(100, 700, 60);
    expect(playback.takeJump()).toBe(true);
    expect(playback.takeJump()).toBe(false);
    playback.seek(300);
    expect(playback.takeJump()).toBe(true);
  });
});

test('a match’s time is told in minutes, seconds and tenths', () => {
  expect(matchTime(0, 60)).toBe('0:00.0');
  expect(matchTime(3_918, 60)).toBe('1:05.3');
  expect(matchTime(9_900, 60)).toBe('2:45.0');
});
