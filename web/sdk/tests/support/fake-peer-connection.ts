/** A peer connection of the fake network, with the two channels of the protocol. */

import type { Direction } from '../../src/datagram-tap.ts';
import type { FakeNetwork } from './fake-network.ts';
import { type Binding, type FakePath, FakeStream } from './fake-path.ts';
import type { ServerSocket } from './fake-server.ts';

/** A peer connection. */
export class FakePeerConnection {
  connectionState = 'new';
  localDescription: { sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  private readonly network: FakeNetwork;
  private readonly channels: FakeChannel[] = [];
  private readonly binding: Binding;

  constructor(network: FakeNetwork) {
    this.network = network;
    this.binding = network.path.bind();
  }

  createDataChannel(label: string, options: { id: number; maxRetransmits?: number }): FakeChannel {
    const channel = new FakeChannel(this.network, options.id, this.binding);
    this.channels.push(channel);
    if (label === 'state' && options.maxRetransmits !== 0) {
      throw new Error('the State lane must not retransmit');
    }
    return channel;
  }

  createOffer(): Promise<{ sdp: string }> {
    return Promise.resolve({ sdp: 'offer' });
  }

  setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
    return Promise.resolve();
  }

  setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    const [, token = '', link = ''] = sdp.split(' ');
    const { path, trips, thread } = this.network;
    path.handshake('webrtc', trips.webrtc, () => thread.run(() => this.open(token, Number(link))));
    return Promise.resolve();
  }

  close(): void {
    for (const channel of this.channels) {
      channel.shut();
    }
  }

  private open(token: string, link: number): void {
    const [state, control] = this.channels;
    if (state === undefined || control === undefined || state.readyState === 'closed') {
      return;
    }
    const { path, thread } = this.network;
    const controlDown = new FakeStream(path, 'webrtc', 'down', () => path.isBound(this.binding));
    const stateDown = new FakeSctp(path, 'down', this.binding);
    const peer: ServerSocket = {
      rung: 'webrtc',
      state: (bytes) => stateDown.send(() => thread.run(() => state.receive(bytes))),
      control: (bytes) => controlDown.send(() => thread.run(() => control.receive(bytes))),
      end: () => controlDown.send(() => thread.run(() => state.fail())),
    };
    state.open(peer);
    control.open(peer);
    this.network.server.attach(peer, token, link, 0);
  }
}

/**
 * One direction of an unreliable channel: after a hole SCTP sends again only at its next timeout,
 * and ICE never outlives a NAT that has forgotten it.
 */
class FakeSctp {
  private readonly path: FakePath;
  private readonly way: Direction;
  private readonly binding: Binding;
  private isStalled = false;

  constructor(path: FakePath, way: Direction, binding: Binding) {
    this.path = path;
    this.way = way;
    this.binding = binding;
  }

  send(deliver: () => void): void {
    const passes = this.passes();
    if (!this.isStalled && passes) {
      this.path.datagram('webrtc', this.way, deliver);
    }
    if (!passes && !this.isStalled) {
      this.isStalled = true;
      this.wait(1_000);
    }
  }

  private wait(timeout: number): void {
    setTimeout(() => {
      if (this.passes()) {
        this.isStalled = false;
      } else {
        this.wait(2 * timeout);
      }
    }, timeout);
  }

  private passes(): boolean {
    return this.path.passes('webrtc', this.way) && this.path.isBound(this.binding);
  }
}

class FakeChannel {
  binaryType = 'blob';
  readyState = 'connecting';
  bufferedAmount = 0;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  private readonly network: FakeNetwork;
  private readonly id: number;
  private readonly unreliable: FakeSctp;
  private readonly stream: FakeStream;
  private peer: ServerSocket | undefined;

  constructor(network: FakeNetwork, id: number, binding: Binding) {
    const { path } = network;
    this.network = network;
    this.id = id;
    this.unreliable = new FakeSctp(path, 'up', binding);
    this.stream = new FakeStream(path, 'webrtc', 'up', () => path.isBound(binding));
  }

  open(peer: ServerSocket): void {
    this.peer = peer;
    this.readyState = 'open';
    this.onopen?.();
  }

  send(data: Uint8Array): void {
    const { peer } = this;
    const bytes = new Uint8Array(data);
    if (peer === undefined) {
      throw new Error('not open');
    }
    if (this.id === 0) {
      this.unreliable.send(() => this.network.server.state(peer, bytes));
    } else {
      this.stream.send(() => this.network.server.control(peer, bytes));
    }
  }

  receive(bytes: Uint8Array): void {
    if (this.readyState === 'open') {
      this.onmessage?.({ data: new Uint8Array(bytes).buffer });
    }
  }

  shut(): void {
    this.readyState = 'closed';
    const { peer } = this;
    if (peer !== undefined) {
      this.stream.send(() => this.network.server.detach(peer));
    }
  }

  fail(): void {
    this.readyState = 'closed';
    this.onclose?.();
  }
}
