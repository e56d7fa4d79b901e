/**
 * One player's session without any picture: listens to the client from page load on and keeps the
 * room, so that nothing is lost while the drawing part is still being loaded.
 */

import { DecodeError, type Welcomed } from '@battle-circles/sdk';
import { EventQueue } from '../model/event-queue.ts';
import {
  decodeEvent,
  decodeWelcome,
  encodeReady,
  encodeRespawn,
  encodeWatch,
  type GameEvent,
} from '../model/events.ts';
import { UNITS_PER_PIXEL } from '../model/movement.ts';
import { Note } from '../model/note.ts';
import { Room } from '../model/room.ts';
import type { Timeline } from '../model/timeline.ts';
import type { Client } from './client.ts';

/** Radius of the pond until the server has told, in pixels. */
const USUAL_POND = 1_800;

/** For who was to come back to its seat and could not. */
export const NEW_SEAT = 'Your seat was gone. This is a new one.';

/** The session's state and what the player does in it, steering apart. */
export class Session {
  /** The room's name; empty before the first welcome. */
  roomName = '';
  /** Radius in pixels that no circle's middle can pass. */
  pondRadius = USUAL_POND;
  tickRate = 60;
  /** Snapshots a second on a good link. */
  snapshotRate = 30;
  /** Messages that were no event of this game; they are skipped. */
  undecodable = 0;
  /** Called when a session begins, with the room's name. */
  onWelcome: ((room: string) => void) | undefined;
  /** Whether the session was lost that a next one is to take the place of. */
  private isLost = false;
  /** What the player is told beside the game. */
  readonly note = new Note();
  private readonly queue = new EventQueue<GameEvent>();

  private current: Client;
  private releases: readonly (() => void)[] = [];

  constructor(
    client: Client,
    readonly timeline: Timeline,
    readonly room = new Room(),
  ) {
    this.current = client;
    this.listen(client);
  }

  /** The client that is listened to. */
  get client(): Client {
    return this.current;
  }

  /** Begins anew with this client: one whose join failed, or that has left, can't be used again. */
  attach(client: Client): void {
    this.room.clear();
    this.note.say('');
    this.isLost = false;
    this.listen(client);
  }

  /** Takes the events that are due at the tick shown; `seen` hears of each, before it counts. */
  advance(shownTick: number | undefined, now: number, seen: (event: GameEvent) => void): void {
    let event = this.queue.next(shownTick);
    while (event !== undefined) {
      seen(event);
      this.room.apply(event, now);
      event = this.queue.next(shownTick);
    }
  }

  /** Asks for the rematch, once a game. */
  ready(): void {
    if (this.room.phase.phase === 'results' && !this.room.isReady) {
      this.room.isReady = true;
      this.current.action(encodeReady());
    }
  }

  /** Asks to come back after a death, once a life. */
  respawn(): void {
    if (this.room.isOwnDead() && !this.room.isRespawning) {
      this.room.isRespawning = true;
      this.current.action(encodeRespawn());
    }
  }

  /** Has the camera follow the next of the living after `seat`, or the one before. */
  watch(seat: number, step: 1 | -1): void {
    const next = this.room.livingAfter(seat, step);
    if (next !== undefined) {
      this.current.action(encodeWatch(next));
    }
  }

  private listen(client: Client): void {
    for (const release of this.releases) {
      release();
    }
    this.current = client;
    this.releases = [
      client.on('welcome', (welcome) => this.begin(welcome)),
      client.on('event', ({ tick, bytes }) => this.receive(tick, bytes)),
      client.on('status', ({ returning }) => {
        this.isLost ||= returning === 'lost';
      }),
      client.on('draining', () => {
        this.room.isDraining = true;
      }),
    ];
  }

  private begin(welcome: Welcomed): void {
    const { seat, movement } = decodeWelcome(welcome.bytes);
    this.timeline.reset(movement);
    this.queue.clear();
    this.room.reset(seat);
    this.roomName = welcome.room;
    this.tickRate = welcome.tickRate;
    this.snapshotRate = welcome.snapshotRate;
    this.pondRadius = movement.wall / UNITS_PER_PIXEL;
    if (this.isLost && !welcome.resumed) {
      this.note.say(NEW_SEAT);
    }
    this.isLost = false;
    this.onWelcome?.(welcome.room);
  }

  private receive(tick: number, bytes: Uint8Array): void {
    try {
      const event = decodeEvent(bytes);
      this.timeline.apply(event);
      const isOwnEnd = event.kind === 'eaten' && event.victim === this.room.ownSeat;
      this.queue.push(tick, event, isOwnEnd);
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        throw error;
      }
      this.undecodable += 1;
    }
  }
}
