import { describe, expect, test } from 'vitest';
import type { RungKind } from '../../../src/rung.ts';
import { type Behaviour, GOOD, Scene } from '../../support/ladder-scene.ts';

describe('at the start', () => {
  test('it plays on the first and settles on the best', () => {
    const scene = new Scene(GOOD).run(1_000);
    expect(scene.opened).toEqual(['0 webtransport', '0 websocket']);
    expect(scene.moves).toEqual(['250 websocket', '370 webtransport']);
    expect(scene.uses()).toEqual(['websocket standby', 'webtransport active']);
  });

  test('what lost the race is closed after three good seconds, not sooner', () => {
    const scene = new Scene(GOOD).run(3_300);
    expect(scene.uses()).toEqual(['websocket standby', 'webtransport active']);
    expect(scene.run(3_500).uses()).toEqual(['webtransport active']);
    expect(scene.run(60_000).opened).toHaveLength(2);
  });

  test('a WebSocket that opens last never takes over', () => {
    const scene = new Scene({ ...GOOD, websocket: { opensAfter: 600 } }).run(5_000);
    expect(scene.moves).toEqual(['370 webtransport']);
    expect(scene.uses()).toEqual(['webtransport active']);
  });

  test('without WebTransport in the browser WebRTC starts at once', () => {
    const scene = new Scene(GOOD, { rungs: ['webrtc', 'websocket'] }).run(5_000);
    expect(scene.opened).toEqual(['0 webrtc', '0 websocket']);
    expect(scene.moves).toEqual(['250 websocket', '1270 webrtc']);
  });

  test('WebRTC starts when WebTransport has failed', () => {
    const scene = new Scene({ ...GOOD, webtransport: { failsAfter: 100 } }).run(2_000);
    expect(scene.opened.slice(0, 3)).toEqual(['0 webtransport', '0 websocket', '100 webrtc']);
    expect(scene.rung).toBe('webrtc');
  });

  test('WebRTC starts when WebTransport has brought nothing in 700 ms', () => {
    const scene = new Scene({ ...GOOD, webtransport: { opensAfter: 900 } }).run(800);
    expect(scene.opened).toEqual(['0 webtransport', '0 websocket', '710 webrtc']);
    expect(scene.run(5_000).moves).toEqual(['250 websocket', '900 webtransport']);
    expect(scene.uses()).toEqual(['webtransport active']);
  });

  test('with WebTransport up before the join nothing else is opened', () => {
    const isUp = { ...GOOD, webtransport: { opensAfter: 200 } };
    const scene = new Scene(isUp, { isWarm: true, hint: 'webrtc' }).run(3_000);
    expect(scene.opened).toEqual(['0 webtransport']);
    expect(scene.moves).toEqual(['200 webtransport']);
  });

  test('the others start when WebTransport, up before the join, has failed or brings nothing', () => {
    const silent = new Scene({ ...GOOD, webtransport: {} }, { isWarm: true }).run(1_000);
    expect(silent.opened.slice(0, 2)).toEqual(['0 webtransport', '400 websocket']);
    expect(silent.moves).toEqual(['650 websocket']);
    const failed = { ...GOOD, webtransport: { failsAfter: 50 } };
    const scene = new Scene(failed, { isWarm: true }).run(300);
    expect(scene.opened.slice(1, 3).sort()).toEqual(['50 webrtc', '50 websocket']);
  });

  test('WebRTC starts at once where it won lately', () => {
    const scene = new Scene(GOOD, { hint: 'webrtc' });
    expect(scene.opened).toEqual(['0 webtransport', '0 webrtc', '0 websocket']);
  });
});

describe('when UDP goes nowhere', () => {
  const blackholed = { websocket: { opensAfter: 250 } };

  test('it plays on WebSocket and never waits for the others', () => {
    const scene = new Scene(blackholed).run(120_000);
    expect(scene.moves).toEqual(['250 websocket']);
    expect(scene.live('websocket')?.isUp).toBe(true);
  });

  test('each attempt has its deadline, and is made again ever more rarely', () => {
    const scene = new Scene(blackholed).run(130_000);
    const times = scene.opened.filter((line) => line.endsWith('webtransport')).map(parseFloat);
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(pauses[0]).toBeCloseTo(8_010 + 5_000, -2);
    expect(pauses[1]).toBeCloseTo(8_010 + 10_000, -2);
    expect(pauses[2]).toBeCloseTo(8_010 + 20_000, -2);
  });

  test('it climbs when UDP comes back', () => {
    const behaviour: Partial<Record<RungKind, Behaviour>> = { ...blackholed };
    const scene = new Scene(behaviour).run(9_000);
    behaviour.webtransport = GOOD.webtransport;
    expect(scene.run(30_000).rung).toBe('webtransport');
    expect(scene.uses()).toEqual(['webtransport active']);
  });
});

describe('with one rung forced', () => {
  test('only that one is opened', () => {
    const scene = new Scene(GOOD, { rungs: ['webrtc'] }).run(20_000);
    expect(scene.opened).toEqual(['0 webrtc']);
    expect(scene.rung).toBe('webrtc');
  });

  test('it is opened again when it dies', () => {
    const scene = new Scene(GOOD, { rungs: ['websocket'] }).run(5_000);
    scene.kill('websocket');
    expect(scene.rung).toBeUndefined();
    expect(scene.run(5_600).rung).toBe('websocket');
  });
});

describe('when the server is busy', () => {
  /** Opens made from when the game was lost until a link brought it back, or until a minute later. */
  function opensAfterLoss(answersAfter: readonly number[]): number {
    const scene = new Scene(GOOD, { rungs: ['webrtc'] }).run(10_000);
    const before = scene.opened.length;
    scene.behaviour.webrtc = { opensAfter: 5_500, answersAfter };
    scene.kill('webrtc');
    scene.run(70_000);
    return scene.opened.length - before;
  }

  test('a connect that gets on is left to finish, however slowly', () => {
    expect(opensAfterLoss([1_500, 3_000, 4_500])).toBe(1);
  });

  test('one that hears nothing is made anew', () => {
    expect(opensAfterLoss([])).toBeGreaterThan(5);
  });
});

describe('when the current link goes silent', () => {
  function silenced(): Scene {
    const scene = new Scene(GOOD).run(10_000);
    const link = scene.live('webtransport');
    if (link !== undefined) {
      link.isMute = true;
    }
    return scene;
  }

  test('the next rung is started beside it after 200 ms, and takes over at once', () => {
    const scene = silenced().run(10_200);
    expect(scene.opened).toHaveLength(2);
    scene.run(10_220);
    expect(scene.opened.slice(2)).toEqual(['10210 websocket']);
    expect(scene.run(10_450).rung).toBe('webtransport');
    expect(scene.run(10_460).rung).toBe('websocket');
  });

  test('a fresh link is tried on the same rung, and the game climbs back', () => {
    const scene = silenced().run(30_000);
    expect(scene.rung).toBe('webtransport');
    expect(scene.moves.map((move) => move.split(' ')[1])).toEqual([
      'websocket',
      'webtransport',
      'websocket',
      'webtransport',
    ]);
    expect(scene.uses()).toEqual(['webtransport active']);
  });

  test('a rung that lost the game has to prove itself first', () => {
    const scene = silenced().run(10_700);
    const link = scene.live('webtransport');
    if (link !== undefined) {
      link.isMute = false;
    }
    expect(scene.run(12_000).rung).toBe('websocket');
    expect(scene.run(13_500).rung).toBe('webtransport');
  });

  test('a link that recovers in time keeps the game', () => {
    const scene = silenced().run(10_400);
    const link = scene.live('webtransport');
    if (link !== undefined) {
      link.isMute = false;
    }
    expect(scene.run(18_000).uses()).toEqual(['websocket active', 'webtransport active']);
    expect(scene.run(19_000).uses()).toEqual(['webtransport active']);
    expect(scene.moves).toEqual(['250 websocket', '370 webtransport']);
  });

  test('links beside it are used together with it until it has been good for a while', () => {
    const scene = new Scene(GOOD).run(10_000);
    scene.ladder.onNetworkChange(scene.now);
    scene.run(10_300);
    expect(scene.uses()).toEqual(['websocket active', 'webtransport active']);
    expect(scene.rung).toBe('webtransport');
    expect(scene.run(13_100).uses()).toEqual(['webtransport active']);
  });
});

describe('when a link closes', () => {
  test('the other one carries on at once', () => {
    const scene = new Scene(GOOD).run(700);
    scene.kill('webtransport');
    expect(scene.run(800).rung).toBe('websocket');
  });

  test('all are tried at once when it was the last', () => {
    const scene = new Scene(GOOD).run(10_000);
    scene.kill('webtransport');
    expect(scene.run(10_300).rung).toBe('websocket');
    expect(scene.run(20_000).rung).toBe('webtransport');
  });

  test('one whose number was stale is opened again without delay', () => {
    const scene = new Scene(GOOD).run(300);
    scene.kill('webtransport', true);
    expect(scene.opened).toContain('300 webtransport');
    expect(scene.run(700).rung).toBe('webtransport');
  });
});

describe('while the page is hidden', () => {
  test('silence is no fault, and the game goes on where it was', () => {
    const scene = new Scene(GOOD).run(10_000);
    const link = scene.live('webtransport');
    scene.ladder.pause();
    if (link !== undefined) {
      link.isMute = true;
    }
    scene.run(70_000);
    expect(scene.opened).toHaveLength(2);
    scene.ladder.resume(scene.now);
    if (link !== undefined) {
      link.isMute = false;
    }
    scene.run(72_000);
    expect(scene.moves).toHaveLength(2);
    expect(scene.opened).toHaveLength(2);
  });

  test('a link that died meanwhile is missed 400 ms after the return', () => {
    const scene = new Scene(GOOD).run(10_000);
    const link = scene.live('webtransport');
    scene.ladder.pause();
    if (link !== undefined) {
      link.isMute = true;
    }
    scene.run(70_000);
    scene.ladder.resume(scene.now);
    expect(scene.run(71_000).rung).toBe('websocket');
  });
});

test('a changed offer closes what was opened on the old one and opens it anew', () => {
  const scene = new Scene(GOOD).run(100);
  scene.ladder.reopen(scene.now, 'websocket');
  scene.run(130);
  expect(scene.opened).toEqual(['0 webtransport', '0 websocket', '110 websocket']);
});

test('never more than four links are open at once, whatever happens', () => {
  const scene = new Scene({
    webtransport: { opensAfter: 370 },
    webrtc: { opensAfter: 900 },
    websocket: { opensAfter: 250 },
  });
  for (let round = 0; round < 400; round += 1) {
    for (const link of scene.links.values()) {
      link.isMute = (round * 7 + link.openedAt) % 3 === 0;
    }
    scene.run(scene.now + 330);
    expect(scene.links.size).toBeLessThanOrEqual(4);
  }
});
