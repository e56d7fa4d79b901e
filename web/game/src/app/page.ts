/**
 * The page: the start screen first; behind it the drawing part is loaded and warmed up, so that no
 * shader is compiled while the first snapshots come in.
 */

import {
  type CloseCause,
  ConnectError,
  GameClient,
  type JoinRequest,
  listRooms,
  type ResumableSeat,
} from '@battle-circles/sdk';
import { createAdapter } from '../model/adapter.ts';
import { Timeline } from '../model/timeline.ts';
import type { PanelContext } from '../players/panel-context.ts';
import { SettingsStore } from '../settings/settings.ts';
import { SettingsMenu } from '../settings/settings-menu.ts';
import type { Client } from './client.ts';
import { isRoomsFault, joinErrorText, SLOW_JOIN, SLOW_JOIN_MS } from './closed-text.ts';
import { DELETED_ELSEWHERE, DELETED_IN_GAME } from './deleted-text.ts';
import { earlyRoom, newRoomName } from './early-room.ts';
import { EndScreen } from './end-screen.ts';
import type { Game } from './game.ts';
import { watchJoinIntent } from './join-intent.ts';
import { addressWithRoom, inviteLink, type Parameters } from './parameters.ts';
import { RankToday } from './rank-today.ts';
import { Records } from './records.ts';
import { openPanel, RecordsMenu } from './records-menu.ts';
import { ReturnNotice } from './return-notice.ts';
import type { Server } from './server-origin.ts';
import { Session } from './session.ts';
import { StartScreen } from './start-screen.ts';
import { installTestHooks } from './test-hooks.ts';
import type { WaysOut } from './ways-out.ts';

/** While somebody stays on the start screen, the connection is prepared anew so often. */
const PREPARE_MS = 8_000;

/** All that is on the page, from its load on. */
export class Page {
  private readonly parameters: Parameters;
  private readonly timeline = new Timeline();
  private readonly session: Session;
  private readonly root = byId('game');
  private readonly resuming = byId('resuming');
  private readonly endScreen = new EndScreen(document.body, () => location.reload());
  private readonly startScreen = new StartScreen(byId('start'), {
    play: (name, room) => void this.play(name, room),
    cancel: () => this.attempt?.abort(),
  });
  private readonly returning: ReturnNotice;
  /** The join that is under way. */
  private attempt: AbortController | undefined;
  private readonly server: Server;
  private readonly records: Records;
  private readonly settings = new SettingsStore();
  private readonly settingsMenu = new SettingsMenu(this.settings, (sentence) => {
    this.startScreen.say(sentence);
    this.session.note.say(sentence);
  });
  private readonly drawing: Promise<Game>;
  /** The seat from before the page was loaded, if it may still be there. */
  private readonly seat: ResumableSeat | undefined;
  /** The address that the page was loaded with. */
  private readonly address = location.href;
  private menu: RecordsMenu | undefined;
  private closePanel: (() => void) | undefined;
  private game: Game | undefined;
  /** Why the session ended, if it has. */
  private ending: CloseCause | undefined;

  constructor(parameters: Parameters, server: Server) {
    this.parameters = parameters;
    this.server = server;
    this.records = new Records(server.origin);
    this.session = new Session(this.createClient(), this.timeline);
    this.seat = this.session.client.resumable();
    this.returning = new ReturnNotice(this.resuming, () => this.attempt?.abort());
    this.drawing = this.loadDrawing();
    // Whoever presses the button hears of a failure.
    this.drawing.catch(() => undefined);
    installTestHooks(this.session, () => this.game);
    this.session.onWelcome = (room) => {
      history.replaceState(null, '', addressWithRoom(location.href, room));
      this.game?.setInviteLink(inviteLink(location.href, room));
    };
    byId('settings').addEventListener('click', () => void this.settingsMenu.toggle());
    this.fillStartScreen();
    watchJoinIntent(
      byId('start'),
      { everyMs: PREPARE_MS, isFirst: document.visibilityState === 'hidden' },
      () => performance.now(),
      () => {
        if (this.session.client.status.state === 'idle') {
          this.session.client.prepare();
        }
      },
    );
  }

  /** Goes back to the seat from before, or joins by itself where the address says so. */
  start(): void {
    const { seat, parameters } = this;
    if (seat !== undefined && (parameters.room ?? seat.room) === seat.room) {
      void this.resume(seat);
    } else if (parameters.isAutoplay) {
      this.startScreen.submit();
    } else {
      void this.offerRecords();
    }
    void this.tellDeleted();
  }

  /** Another device may have deleted who plays here since the last visit. */
  private async tellDeleted(): Promise<void> {
    if (await this.records.findDeleted()) {
      this.startScreen.say(DELETED_ELSEWHERE);
      const isResuming = !this.resuming.hidden;
      if (isResuming || this.session.client.status.state !== 'idle') {
        this.session.note.say(DELETED_IN_GAME);
      }
    }
  }

  /** The leaderboard and the player's own page, where the server keeps any. */
  private async offerRecords(): Promise<void> {
    const { startScreen, records } = this;
    this.menu ??= new RecordsMenu(byId('records'), this.panelContext(), (sentence) =>
      startScreen.say(sentence),
    );
    this.menu.settle(await records.isThere());
  }

  private panelContext(): PanelContext {
    const { startScreen, records, parameters } = this;
    return {
      origin: this.server.origin,
      store: records.store,
      room: parameters.room,
      name: () => startScreen.name,
      setName: (name: string) => startScreen.rename(name),
      onNoStorage: () => this.menu?.settle(false),
    };
  }

  private waysOut(): WaysOut {
    return {
      leave: () => this.leave(),
      playElsewhere: () => void this.playElsewhere(),
      hasLeaderboard: () => this.records.isOffered,
      openLeaderboard: () => void this.openLeaderboard(),
      toggleSettings: () => void this.settingsMenu.toggle(),
      gameBegins: () => this.closePanel?.(),
    };
  }

  /** Over the game, until the next begins. */
  private async openLeaderboard(): Promise<void> {
    const { note } = this.session;
    this.closePanel = await openPanel('openLeaderboard', this.panelContext(), (sentence) =>
      note.say(sentence),
    );
  }

  /** Gives the seat up: the page is as on a first visit. */
  private leave(): void {
    const { client } = this.session;
    // The client that has left is nobody's any more, so that no end is shown for it.
    this.session.attach(this.createClient());
    client.leave();
    this.closePanel?.();
    this.game?.stop();
    this.game = undefined;
    this.root.inert = true;
    history.replaceState(null, '', this.address);
    this.startScreen.resume();
    void this.offerRecords();
  }

  /** Gives the seat up for one in a match that has just begun. */
  private async playElsewhere(): Promise<void> {
    const { roomName } = this.session;
    const rooms = await listRooms(this.server.origin).catch(() => []);
    const room = earlyRoom(rooms, roomName) ?? newRoomName();
    this.leave();
    this.startScreen.setBusy(true);
    this.tellFailure(await this.enter({ name: this.startScreen.name, room, visibility: 'public' }));
  }

  private async loadDrawing(): Promise<Game> {
    const canvas = byId('pond') as HTMLCanvasElement;
    const { Game } = await import('./game.ts');
    const { records } = this;
    const rank = new RankToday(
      () => records.ownEntryToday(),
      () => records.findDeleted(),
    );
    return Game.create(
      this.session,
      this.root,
      canvas,
      rank,
      this.waysOut(),
      this.settings,
      this.parameters.isAutoplay,
    );
  }

  private fillStartScreen(): void {
    const { name, room, complaint } = this.parameters;
    this.startScreen.setName(name);
    this.startScreen.setPlace(room, this.server.named);
    if (complaint !== undefined) {
      this.startScreen.say(complaint);
      // biome-ignore lint/suspicious/noConsole: with autoplay nobody sees the start screen.
      console.warn(complaint);
    }
  }

  /** A client that has asked for the server's rungs already. */
  private createClient(): Client {
    const client = new GameClient({
      origin: this.server.origin,
      adapter: createAdapter(this.timeline),
      rung: this.parameters.rung,
      emulate: this.parameters.emulate,
      onDatagram: window.battleCirclesTap,
    });
    client.on('closed', ({ reason }) => {
      if (client === this.session.client) {
        this.ending = reason;
        this.showEnd();
      }
    });
    client.on('welcome', (welcome) => this.records.joined(welcome));
    client.prepare();
    return client;
  }

  /** Joins from the start screen. */
  private async play(name: string, room: string | undefined): Promise<void> {
    this.startScreen.setBusy(true);
    const slow = setTimeout(() => this.startScreen.say(SLOW_JOIN), SLOW_JOIN_MS);
    // The room is what it was, also if this join makes it anew.
    const visibility = room === this.seat?.room ? this.seat?.visibility : undefined;
    const request = { name, room, visibility };
    // After a failure to reach the server the seat may still be there.
    let error = await this.enter({ ...request, resume: true });
    if (isSeatGone(error)) {
      error = await this.enter(request);
    }
    clearTimeout(slow);
    this.tellFailure(error);
  }

  /** On the start screen; who gave the try up knows. */
  private tellFailure(error: unknown): void {
    if (error === GIVEN_UP) {
      this.startScreen.resume();
    } else if (error !== undefined) {
      this.startScreen.fail(joinErrorText(error), isRoomsFault(error));
    }
  }

  /** Goes back to the seat from before the page was loaded, without the start screen. */
  private async resume({ name, room }: ResumableSeat): Promise<void> {
    this.startScreen.hide();
    this.returning.setShown(true);
    const error = await this.enter({ name, room, resume: true });
    this.returning.setShown(false);
    if (error !== undefined) {
      void this.offerRecords();
    }
    if (isSeatGone(error)) {
      this.startScreen.show();
      if (this.parameters.isAutoplay) {
        this.startScreen.submit();
      }
    } else {
      this.tellFailure(error);
    }
  }

  /** Connects and shows the game; gives what went wrong, if anything did. */
  private async enter(request: JoinRequest): Promise<unknown> {
    this.ending = undefined;
    const attempt = new AbortController();
    this.attempt = attempt;
    attempt.signal.addEventListener('abort', () => this.session.client.leave());
    try {
      const game = await unlessAborted(this.drawing, attempt.signal);
      const identity = () => this.records.identityToJoin();
      const joining = this.session.client.connect({ ...request, identity });
      const { room } = await unlessAborted(joining, attempt.signal);
      this.game = game;
      game.setInviteLink(inviteLink(location.href, room));
      game.start();
      this.root.inert = false;
      this.startScreen.hide();
      this.showEnd();
      return undefined;
    } catch (error) {
      this.session.client.leave();
      this.session.attach(this.createClient());
      return attempt.signal.aborted ? GIVEN_UP : error;
    } finally {
      this.attempt = undefined;
    }
  }

  /** Says how the game ended, if it has begun and ended. A page that goes needs no word. */
  private showEnd(): void {
    if (this.game !== undefined && this.ending !== undefined && this.ending !== 'unloaded') {
      this.endScreen.show(this.ending);
    }
  }
}

/** What {@link Page} is given where the player gave the try up. */
const GIVEN_UP = Symbol('given up');

/** Waits for what is awaited, but no longer than until the player gives up. */
function unlessAborted<T>(awaited: Promise<T>, signal: AbortSignal): Promise<T> {
  const abort = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
  });
  return Promise.race([awaited, abort]);
}

function isSeatGone(error: unknown): boolean {
  return error instanceof ConnectError && error.reason === 'seat-gone';
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`the page lacks #${id}`);
  }
  return found;
}
