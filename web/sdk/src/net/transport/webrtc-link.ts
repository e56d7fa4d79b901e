/**
 * The WebRTC rung: two negotiated data channels, one truly unreliable for State, one reliable for
 * Control. The offer is sent at once, without waiting for candidates: the server is ICE-lite and
 * learns our address from our first check.
 */

import type { Host } from '../../host.ts';
import { MAX_CONTROL_FRAME } from '../../protocol/limits.ts';
import type { RungOffer } from '../../rung.ts';
import { refusedToken } from '../admission/refused-token.ts';
import { type Link, LinkCore, type LinkEvents, type Ticket } from './link.ts';

type Offer = Extract<RungOffer, { kind: 'webrtc' }>;

/**
 * Bytes that may wait in the State channel: what leaves in 100 ms. Above it SCTP's window is full;
 * then only the newest datagram waits, and it waits here, where a newer one can take its place.
 */
const STATE_BUFFER = 256;

/** Longest answer that is read, in characters. */
const MAX_ANSWER = 16 * 1024;

/** Opens a peer connection, with the offer posted to the offer's URL. */
export function openWebRtcLink(host: Host, offer: Offer, ticket: Ticket, events: LinkEvents): Link {
  return new WebRtcLink(host, offer, ticket, events);
}

class WebRtcLink implements Link {
  readonly rung = 'webrtc';
  readonly stripes = 1;
  private readonly core: LinkCore;
  private readonly abort = new AbortController();
  private connection: RTCPeerConnection | undefined;
  private stateChannel: RTCDataChannel | undefined;
  private controlChannel: RTCDataChannel | undefined;
  private waiting: Uint8Array | undefined;

  constructor(host: Host, offer: Offer, ticket: Ticket, events: LinkEvents) {
    this.core = new LinkCore(events, () => this.release());
    this.open(host, offer, ticket).catch((error: unknown) => this.fail(error));
  }

  get counters() {
    return this.core.counters;
  }

  sendState(datagram: Uint8Array): void {
    const channel = this.stateChannel;
    if (this.core.over || channel?.readyState !== 'open') {
      return;
    }
    this.core.counters.unsent += this.waiting === undefined ? 0 : 1;
    if (channel.bufferedAmount > STATE_BUFFER) {
      this.waiting = datagram;
    } else {
      this.waiting = undefined;
      this.send(channel, datagram);
    }
  }

  sendControl(frame: Uint8Array): void {
    const channel = this.controlChannel;
    if (!this.core.over && channel?.readyState === 'open') {
      this.send(channel, frame);
    }
  }

  close(): void {
    this.core.close();
  }

  private async open(host: Host, offer: Offer, ticket: Ticket): Promise<void> {
    const create = host.openPeerConnection;
    if (create === undefined) {
      throw new Error('no WebRTC here');
    }
    const connection = create({ iceServers: [...offer.iceServers] });
    this.connection = connection;
    this.openChannels(connection);
    connection.oniceconnectionstatechange = () => {
      if (connection.iceConnectionState === 'connected') {
        this.core.answer();
      }
    };
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === 'connected') {
        this.core.answer();
      }
      // "disconnected" comes and goes on a lossy path while data still flows.
      if (connection.connectionState === 'failed' || connection.connectionState === 'closed') {
        this.fail(`connection ${connection.connectionState}`);
      }
    };
    await connection.setLocalDescription(await connection.createOffer());
    const sdp = connection.localDescription?.sdp;
    const token = await ticket.token;
    if (sdp === undefined || this.core.over) {
      return;
    }
    const answer = await this.exchange(host, offer.url, token, ticket.takeId(), sdp);
    if (answer !== undefined && !this.core.over) {
      this.core.answer();
      await connection.setRemoteDescription({ type: 'answer', sdp: answer });
    }
  }

  private openChannels(connection: RTCPeerConnection): void {
    const state = connection.createDataChannel('state', {
      negotiated: true,
      id: 0,
      ordered: false,
      maxRetransmits: 0,
    });
    const control = connection.createDataChannel('control', { negotiated: true, id: 1 });
    this.stateChannel = state;
    this.controlChannel = control;
    state.binaryType = 'arraybuffer';
    control.binaryType = 'arraybuffer';
    state.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) {
        this.core.receiveState(this.core.readState(new Uint8Array(data)));
      }
    };
    control.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer && data.byteLength <= MAX_CONTROL_FRAME) {
        this.core.deliver(this.core.receiveControl(new Uint8Array(data)));
      } else {
        this.core.end({ reason: 'protocol-violation', detail: 'no binary message, or too long' });
      }
    };
    state.bufferedAmountLowThreshold = STATE_BUFFER;
    state.onbufferedamountlow = () => this.flush(state);
    control.onopen = () => this.core.moveControl();
    state.onclose = () => this.fail('state channel closed');
    control.onclose = () => this.fail('control channel closed');
  }

  private flush(channel: RTCDataChannel): void {
    const datagram = this.waiting;
    this.waiting = undefined;
    if (datagram !== undefined && !this.core.over && channel.readyState === 'open') {
      this.send(channel, datagram);
    }
  }

  private async exchange(
    host: Host,
    url: string,
    token: string,
    link: number,
    sdp: string,
  ): Promise<string | undefined> {
    const target = new URL(url);
    target.searchParams.set('link', String(link));
    const response = await host.fetch(target.href, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
      body: sdp,
      signal: this.abort.signal,
    });
    if (response.status === 401) {
      const { reason, problem } = await refusedToken(response);
      this.core.end({ reason, detail: `the offer was refused: 401 ${problem}` });
      return undefined;
    }
    if (response.status !== 201) {
      throw new Error(`the offer was refused: ${response.status}`);
    }
    return (await response.text()).slice(0, MAX_ANSWER);
  }

  private send(channel: RTCDataChannel, bytes: Uint8Array): void {
    this.core.counters.bytesOut += bytes.length;
    try {
      channel.send(new Uint8Array(bytes));
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.core.end({ reason: 'lost', detail: String(error) });
  }

  private release(): void {
    this.abort.abort();
    for (const channel of [this.stateChannel, this.controlChannel]) {
      if (channel !== undefined) {
        channel.onmessage = null;
        channel.onclose = null;
        channel.onbufferedamountlow = null;
      }
    }
    if (this.connection !== undefined) {
      this.connection.oniceconnectionstatechange = null;
      this.connection.onconnectionstatechange = null;
      this.connection.close();
    }
  }
}
