import { describe, expect, test } from 'vitest';
import { browserHost, type Host } from '../../../src/host.ts';
import type { LinkEvents } from '../../../src/net/transport/link.ts';
import { openWebRtcLink } from '../../../src/net/transport/webrtc-link.ts';
import { openWebTransportLink } from '../../../src/net/transport/webtransport-link.ts';
import { encodeServerFrame } from '../../../src/protocol/control.ts';

const host: Host = browserHost();

function listener() {
  const log: string[] = [];
  const events: LinkEvents = {
    answered: () => log.push('answered'),
    attached: () => log.push('attached'),
    state: () => log.push('state'),
    frame: (frame) => log.push(frame.kind),
    controlMoved: () => log.push('control moved'),
    closed: ({ reason, detail }) => log.push(`closed ${reason} ${detail}`),
  };
  return { log, events };
}

const ticket = { token: Promise.resolve('token'), takeId: () => 1 };

/** Lets everything that is due by promises happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i += 1) {
    await Promise.resolve();
  }
}

describe('WebTransport', () => {
  /** A session whose datagrams leave only when they are let go, one by one. */
  function session(datagrams: object = {}) {
    const left: number[] = [];
    let letGo: (() => void) | undefined;
    const writable = new WritableStream<Uint8Array>({
      write: (bytes) =>
        new Promise<void>((resolve) => {
          letGo = () => {
            left.push(bytes[0] ?? -1);
            resolve();
          };
        }),
    });
    const written: Uint8Array[] = [];
    let control: ReadableStreamDefaultController<Uint8Array> | undefined;
    let close: (info: object) => void = () => undefined;
    const seen: { options?: WebTransportOptions } = {};
    const transport = {
      ready: Promise.resolve(),
      closed: new Promise<object>((resolve) => {
        close = resolve;
      }),
      datagrams: { readable: new ReadableStream<Uint8Array>(), writable, ...datagrams },
      createBidirectionalStream: () =>
        Promise.resolve({
          readable: new ReadableStream<Uint8Array>({
            start: (controller) => {
              control = controller;
            },
          }),
          writable: new WritableStream<Uint8Array>({ write: (bytes) => void written.push(bytes) }),
        }),
      close: () => undefined,
    };
    const open = (hashes: string[] = []) => {
      const { log, events } = listener();
      const openWebTransport = (_url: string, options: WebTransportOptions) => {
        seen.options = options;
        return transport as unknown as WebTransport;
      };
      const offer = { kind: 'webtransport', url: 'https://x', certificateHashes: hashes } as const;
      const link = openWebTransportLink(
        { ...host, openWebTransport },
        offer,
        undefined,
        ticket,
        events,
      );
      return { link, log };
    };
    const next = async () => {
      await settle();
      letGo?.();
      letGo = undefined;
      await settle();
    };
    return {
      open,
      left,
      next,
      written,
      seen,
      transport,
      control: (bytes: number[]) => control?.enqueue(Uint8Array.from(bytes)),
      close: () => close({ reason: 'gone' }),
    };
  }

  test('never queues datagrams: the newest waits, older ones are dropped', async () => {
    const { open, left, next } = session();
    const { link } = open();
    await settle();
    for (let i = 1; i <= 5; i += 1) {
      link.sendState(Uint8Array.from([i]));
    }
    await next();
    await next();
    await next();
    expect(left).toEqual([1, 5]);
    expect(link.counters.unsent).toBe(3);
  });

  test('opens its stream with the attach, each frame behind its length', async () => {
    const { open, written } = session();
    const { link } = open();
    await settle();
    link.sendControl(Uint8Array.from([2, 7]));
    await settle();
    expect(written.map((bytes) => [...bytes])).toEqual([
      [9, 0, 0, 5, ...Buffer.from('token'), 1, 0],
      [2, 0, 2, 7],
    ]);
  });

  test('takes frames off the stream, and ends on one that is too long', async () => {
    const { open, control } = session();
    const { log } = open();
    await settle();
    control([1, 0, 0, 2, 0]);
    control([2, 5]);
    control([0xff, 0xff]);
    await settle();
    expect(log.slice(0, 2)).toEqual(['attached', 'pong']);
    expect(log[2]).toContain('closed lost DecodeError');
  });

  test('writes where Safari lets it write, and bounds ages where it can', async () => {
    const left: number[] = [];
    const safari = {
      writable: undefined,
      outgoingMaxAge: null,
      incomingHighWaterMark: 1,
      createWritable: () =>
        new WritableStream<Uint8Array>({ write: (bytes) => void left.push(bytes[0] ?? -1) }),
    };
    const { open, transport } = session(safari);
    const { link } = open();
    await settle();
    link.sendState(Uint8Array.from([3]));
    await settle();
    expect(left).toEqual([3]);
    expect(transport.datagrams).toMatchObject({ outgoingMaxAge: 100, incomingHighWaterMark: 32 });
  });

  test('shows certificate hashes only where the server has sent some', async () => {
    const plain = session();
    plain.open();
    await settle();
    expect(plain.seen.options?.serverCertificateHashes).toBeUndefined();
    const pinned = session();
    pinned.open([btoa('\u0001\u00ff')]);
    await settle();
    expect(pinned.seen.options?.serverCertificateHashes).toEqual([
      { algorithm: 'sha-256', value: Uint8Array.from([1, 255]) },
    ]);
  });

  test('a hash that is no base64 is a failed link, not an exception', async () => {
    const { log } = session().open(['*']);
    await settle();
    expect(log[0]).toContain('closed lost');
  });

  test('ends when the session ends', async () => {
    const { open, close } = session();
    const { log } = open();
    await settle();
    close();
    await settle();
    expect(log).toEqual(['closed lost closed gone']);
  });
});

describe('WebRTC', () => {
  class Channel {
    readyState = 'connecting';
    bufferedAmount = 0;
    binaryType = '';
    onopen: (() => void) | null = null;
    onclose: (() => void) | null = null;
    onmessage: ((event: { data: unknown }) => void) | null = null;
    onbufferedamountlow: (() => void) | null = null;
    readonly sent: number[][] = [];
    readonly options: RTCDataChannelInit;

    constructor(options: RTCDataChannelInit) {
      this.options = options;
    }

    send(bytes: Uint8Array): void {
      this.sent.push([...bytes]);
    }
  }

  /** A connection to a server that answers the offer with `status`. */
  function connection(status = 201, body = 'answer') {
    const channels: Channel[] = [];
    const requests: { url: string; init: RequestInit }[] = [];
    const descriptions: unknown[] = [];
    const peer = {
      connectionState: 'new',
      iceConnectionState: 'new',
      localDescription: { sdp: 'offer' },
      oniceconnectionstatechange: null as (() => void) | null,
      onconnectionstatechange: null as (() => void) | null,
      createDataChannel: (_label: string, options: RTCDataChannelInit) => {
        const channel = new Channel(options);
        channels.push(channel);
        return channel;
      },
      createOffer: () => Promise.resolve({}),
      setLocalDescription: () => Promise.resolve(),
      setRemoteDescription: (description: unknown) => {
        descriptions.push(description);
        return Promise.resolve();
      },
      close: () => undefined,
    };
    const { log, events } = listener();
    const link = openWebRtcLink(
      {
        ...host,
        openPeerConnection: () => peer as unknown as RTCPeerConnection,
        fetch: (url, init) => {
          requests.push({ url, init });
          return Promise.resolve(new Response(body, { status }));
        },
      },
      { kind: 'webrtc', url: 'https://x/v1/webrtc', iceServers: [] },
      ticket,
      events,
    );
    const open = () => {
      for (const channel of channels) {
        channel.readyState = 'open';
        channel.onopen?.();
      }
    };
    return { link, log, peer, channels, requests, descriptions, open };
  }

  test('posts its offer with token and number, and takes the answer', async () => {
    const { requests, descriptions, channels } = connection();
    await settle();
    expect(requests[0]?.url).toBe('https://x/v1/webrtc?link=1');
    expect(requests[0]?.init).toMatchObject({
      method: 'POST',
      body: 'offer',
      headers: { 'content-type': 'application/sdp', authorization: 'Bearer token' },
    });
    expect(descriptions).toEqual([{ type: 'answer', sdp: 'answer' }]);
    expect(channels.map(({ options }) => options)).toEqual([
      { negotiated: true, id: 0, ordered: false, maxRetransmits: 0 },
      { negotiated: true, id: 1 },
    ]);
  });

  test('tells each step of its set-up', async () => {
    const { log, peer } = connection();
    expect(log).toEqual([]);
    await settle();
    expect(log).toEqual(['answered']);
    peer.iceConnectionState = 'connected';
    peer.oniceconnectionstatechange?.();
    peer.connectionState = 'connected';
    peer.onconnectionstatechange?.();
    expect(log).toEqual(['answered', 'answered', 'answered']);
  });

  test('keeps only the newest datagram while its buffer is full, and sends it then', async () => {
    const { link, channels, open } = connection();
    await settle();
    open();
    const state = channels[0];
    link.sendState(Uint8Array.from([1]));
    if (state !== undefined) {
      state.bufferedAmount = 300;
    }
    link.sendState(Uint8Array.from([2]));
    link.sendState(Uint8Array.from([3]));
    expect(state?.sent).toEqual([[1]]);
    expect(link.counters.unsent).toBe(1);
    state?.onbufferedamountlow?.();
    expect(state?.sent).toEqual([[1], [3]]);
    link.close();
    expect(state?.onbufferedamountlow).toBeNull();
  });

  test('a refused token ends the session, another refusal only the link', async () => {
    const forged = connection(401);
    await settle();
    expect(forged.log[0]).toContain('closed bad-token');
    const busy = connection(503);
    await settle();
    expect(busy.log[0]).toContain('closed lost');
  });

  test.each([
    ['expired-session', 'expired'],
    ['expired-token', 'expired'],
    ['bad-token', 'bad-token'],
  ])('a token refused as %s ends the session as %s', async (problem, reason) => {
    const { log } = connection(401, JSON.stringify({ type: `/problems/${problem}` }));
    await settle();
    expect(log[0]).toContain(`closed ${reason} `);
  });

  test('a spell of "disconnected" is no end, "failed" is', async () => {
    const { log, peer } = connection();
    await settle();
    peer.connectionState = 'disconnected';
    peer.onconnectionstatechange?.();
    expect(log).toEqual(['answered']);
    peer.connectionState = 'failed';
    peer.onconnectionstatechange?.();
    expect(log[1]).toContain('closed lost');
  });

  test('a message that is not binary ends the link', async () => {
    const { log, channels, open } = connection();
    await settle();
    open();
    const attached = encodeServerFrame({ kind: 'attached' });
    channels[1]?.onmessage?.({ data: attached.buffer });
    channels[1]?.onmessage?.({ data: 'text' });
    expect(log).toEqual([
      'answered',
      'control moved',
      'attached',
      'closed protocol-violation no binary message, or too long',
    ]);
  });
});
