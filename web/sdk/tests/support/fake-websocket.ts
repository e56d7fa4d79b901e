/** A WebSocket of the fake network, on a stream each way. */

import type { FakeNetwork } from './fake-network.ts';
import { type Binding, FakeStream } from './fake-path.ts';
import type { ServerSocket } from './fake-server.ts';

type Buffer = Uint8Array<ArrayBuffer>;

/** A WebSocket whose bytes take their time. */
export class FakeWebSocket {
  binaryType = 'blob';
  readyState = 0;
  bufferedAmount = 0;
  /** While stuck, what is sent stays in the buffer. */
  isStuck = false;
  /** Nothing passes any more, either way, and neither end knows. */
  isDead = false;
  readonly sent: Buffer[] = [];
  private isBroken = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  private readonly network: FakeNetwork;
  private readonly peer: ServerSocket;
  private readonly binding: Binding;
  private readonly up: FakeStream;
  private readonly down: FakeStream;

  constructor(network: FakeNetwork, url: string) {
    const { path, trips } = network;
    this.network = network;
    this.binding = path.bind();
    // TCP never outlives a NAT that has forgotten it.
    const isOpen = () => path.isBound(this.binding) && !this.isDead;
    this.up = new FakeStream(path, 'websocket', 'up', isOpen);
    this.down = new FakeStream(path, 'websocket', 'down', isOpen);
    this.peer = {
      rung: 'websocket',
      state: (bytes) => this.deliver(0, bytes),
      control: (bytes) => this.deliver(1, bytes),
      end: () => this.down.send(() => network.thread.run(() => this.fail())),
    };
    path.handshake('websocket', trips.websocket, () => {
      if (this.readyState === 0 && url.includes('play.example')) {
        network.thread.run(() => this.open());
      }
    });
  }

  send(data: Buffer): void {
    if (this.readyState !== 1) {
      throw new Error('not open');
    }
    this.sent.push(data);
    if (this.isStuck) {
      this.bufferedAmount += data.length;
      return;
    }
    const payload = data.slice(1);
    this.up.send(() => {
      if (this.isBroken) {
        return;
      }
      if (data[0] === 0) {
        this.network.server.state(this.peer, payload);
      } else {
        this.network.server.control(this.peer, payload);
      }
    });
  }

  close(): void {
    if (this.readyState < 2) {
      this.readyState = 3;
      this.up.send(() => this.network.server.detach(this.peer));
    }
  }

  /** The connection breaks under both ends. */
  fail(): void {
    if (this.readyState < 2) {
      this.readyState = 3;
      this.isBroken = true;
      this.network.server.detach(this.peer);
      this.onclose?.({ code: 1006, reason: '' });
    }
  }

  private open(): void {
    if (this.network.server.isDown) {
      this.fail();
    } else if (this.readyState === 0) {
      this.readyState = 1;
      this.onopen?.();
    }
  }

  private deliver(tag: number, payload: Uint8Array): void {
    const data = new Uint8Array([tag, ...payload]).buffer;
    const tell = () => {
      if (this.readyState === 1) {
        this.onmessage?.({ data });
      }
    };
    this.down.send(() => this.network.thread.run(tell));
  }
}
