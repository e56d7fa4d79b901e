/** A WebTransport session of the fake network, on web streams. */

import { FrameSplitter, withLength } from '../../src/net/transport/framing.ts';
import type { FakeNetwork } from './fake-network.ts';
import { type Binding, FakeStream } from './fake-path.ts';
import type { ServerSocket } from './fake-server.ts';

type Buffer = Uint8Array<ArrayBuffer>;

/** A session. It outlives a NAT that forgets it: what it sends next tells the server where it is. */
export class FakeWebTransport {
  readonly ready: Promise<void>;
  readonly closed: Promise<{ reason: string }>;
  readonly datagrams: { readable: ReadableStream<Buffer>; writable: WritableStream<Buffer> };
  private readonly network: FakeNetwork;
  private readonly peer: ServerSocket;
  private readonly binding: Binding;
  private readonly up: FakeStream;
  private readonly down: FakeStream;
  private control: ReadableStreamDefaultController<Buffer> | undefined;
  private settleClosed: (info: { reason: string }) => void = () => undefined;
  private isClosed = false;

  constructor(network: FakeNetwork) {
    const { path, thread, server, trips } = network;
    this.network = network;
    this.binding = path.bind();
    this.up = new FakeStream(path, 'webtransport', 'up', () => true);
    this.down = new FakeStream(path, 'webtransport', 'down', () => path.isBound(this.binding));
    this.ready = new Promise((resolve) => {
      const open = () => (server.isDown ? undefined : resolve());
      path.handshake('webtransport', trips.webtransport, () => thread.run(open));
    });
    this.closed = new Promise((resolve) => {
      this.settleClosed = resolve;
    });
    let incoming: ReadableStreamDefaultController<Buffer> | undefined;
    this.datagrams = {
      readable: new ReadableStream<Buffer>({
        start: (controller) => {
          incoming = controller;
        },
      }),
      writable: new WritableStream<Buffer>({
        write: (bytes) =>
          path.datagram('webtransport', 'up', () => {
            path.renew(this.binding);
            server.state(this.peer, bytes);
          }),
      }),
    };
    const receive = (bytes: Uint8Array) => {
      if (!this.isClosed) {
        incoming?.enqueue(new Uint8Array(bytes));
      }
    };
    const receiveControl = (bytes: Uint8Array) => {
      if (!this.isClosed) {
        this.control?.enqueue(withLength(bytes));
      }
    };
    this.peer = {
      rung: 'webtransport',
      state: (bytes) => {
        if (path.isBound(this.binding)) {
          path.datagram('webtransport', 'down', () => thread.read(() => receive(bytes)));
        }
      },
      control: (bytes) => this.down.send(() => thread.run(() => receiveControl(bytes))),
      end: () => this.down.send(() => thread.run(() => this.close())),
    };
  }

  createBidirectionalStream(): Promise<unknown> {
    const splitter = new FrameSplitter();
    return Promise.resolve({
      readable: new ReadableStream<Buffer>({
        start: (controller) => {
          this.control = controller;
        },
      }),
      writable: new WritableStream<Buffer>({
        write: (bytes) =>
          this.up.send(() => {
            for (const frame of splitter.push(bytes)) {
              this.network.server.control(this.peer, frame);
            }
          }),
      }),
    });
  }

  close(): void {
    if (!this.isClosed) {
      this.isClosed = true;
      this.settleClosed({ reason: '' });
      this.up.send(() => this.network.server.detach(this.peer));
    }
  }
}
