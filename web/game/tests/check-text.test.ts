import { describe, expect, test } from 'vitest';
import { checkLine, checkVerdict } from '../src/app/check-text.ts';

const reached = (rung: 'webtransport' | 'webrtc' | 'websocket') => ({ rung, milliseconds: 640 });
const missed = (rung: 'webtransport' | 'webrtc' | 'websocket') => ({ rung, fault: 'no answer' });

describe('the connection check', () => {
  test('tells each way, and how long it took or why it failed', () => {
    expect(checkLine(reached('webtransport'))).toBe('WebTransport (UDP): reached in 0.6 s');
    expect(checkLine(missed('webrtc'))).toBe('WebRTC (UDP): not reached – no answer');
    expect(checkLine({ rung: 'websocket' })).toBe('WebSocket (TCP): …');
  });

  test('says what to mend', () => {
    const verdict = (...open: string[]): string =>
      checkVerdict(
        (['webtransport', 'webrtc', 'websocket'] as const).map((rung) =>
          open.includes(rung) ? reached(rung) : missed(rung),
        ),
      );
    expect(verdict('webtransport', 'webrtc', 'websocket')).toBe('All ways are open from here.');
    expect(verdict('websocket')).toContain('UDP port');
    expect(verdict('webtransport', 'websocket')).toContain('public_address');
    expect(verdict('webrtc', 'websocket')).toContain('WebTransport');
    expect(verdict('webtransport', 'webrtc')).toContain('upgrades');
    expect(verdict()).toContain('Nothing');
  });
});
