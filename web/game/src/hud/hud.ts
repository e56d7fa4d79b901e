/**
 * The overlay: puts its parts into the corners and hands them what they show, a few times a second.
 * What moves each frame is on the canvas, the thumb's stick excepted.
 */

import type { Stats, Status } from '@battle-circles/sdk';
import type { WaysOut } from '../app/ways-out.ts';
import type { Stick } from '../input/controls.ts';
import type { Frame } from '../model/frame.ts';
import type { Motion, MovementTuning } from '../model/movement.ts';
import type { Room } from '../model/room.ts';
import { settingsButton } from '../settings/settings-button.ts';
import { Announcer } from './announcer.ts';
import { Badge } from './badge.ts';
import { Clock } from './clock.ts';
import { DashButton } from './dash-button.ts';
import { type DeathChoices, DeathPanel } from './death-panel.ts';
import { element } from './dom.ts';
import { Feed } from './feed.ts';
import { Invite } from './invite.ts';
import { Leave } from './leave.ts';
import { LinkHistory } from './link-history.ts';
import { type MapExtent, Minimap } from './minimap.ts';
import { NetGraph } from './net-graph.ts';
import { Banner, Countdown, WatchBanner } from './notices.ts';
import { Results } from './results.ts';
import { ReturnCard } from './return-card.ts';
import { Standings } from './standings.ts';
import { StickView } from './stick-view.ts';
import { judge } from './verdict.ts';

/** As in the style sheets. */
const SMALL_SCREEN = '(max-width: 720px), (max-height: 480px)';

/** Everything the HUD shows at one moment. */
export interface HudState {
  readonly room: Room;
  readonly frame: Frame;
  readonly map: MapExtent;
  readonly isOutside: boolean;
  /** The own circle, if it plays. */
  readonly own: Motion | undefined;
  readonly movement: MovementTuning | undefined;
  /** By which the match's times are told. */
  readonly tick: number;
  readonly tickRate: number;
  /** Snapshots a second on a good link. */
  readonly snapshotRate: number;
  readonly stats: Stats;
  readonly status: Status;
  /** Where the player stands today; empty where that isn't known. */
  readonly rankToday: string;
  /** Told in passing; empty where there is nothing. */
  readonly note: string;
  /** Milliseconds. */
  readonly now: number;
}

/** The overlay over the pond. */
export class Hud {
  private readonly root = element('div', 'hud');
  private readonly standings = new Standings(window.matchMedia(SMALL_SCREEN));
  private readonly clock = new Clock();
  private readonly minimap = new Minimap();
  private readonly feed = new Feed();
  private readonly banner = new Banner();
  private readonly countdown = new Countdown();
  private readonly watch = new WatchBanner();
  private readonly dash: DashButton;
  private readonly death: DeathPanel;
  private readonly results: Results;
  private readonly returnCard: ReturnCard;
  private readonly badge: Badge;
  private readonly netGraph: NetGraph;
  private readonly history = new LinkHistory();
  private readonly invite = new Invite();
  private readonly stick = new StickView();
  private readonly alarm = element('div', 'alarm');
  private readonly announcer = new Announcer();
  private readonly listening = new AbortController();

  /** `recording` gives what the network did, as CSV; `sight` what the screen has shown. */
  constructor(
    parent: HTMLElement,
    private readonly ways: WaysOut,
    onRematch: () => void,
    onDash: () => void,
    choices: DeathChoices,
    recording: () => string,
    sight: () => Promise<Uint8Array<ArrayBuffer> | undefined>,
  ) {
    this.results = new Results(onRematch, ways);
    this.dash = new DashButton(onDash);
    this.death = new DeathPanel(choices);
    this.returnCard = new ReturnCard(() => ways.leave());
    this.badge = new Badge(() => this.showNetGraph(!this.netGraph.isOpen));
    this.netGraph = new NetGraph(() => this.showNetGraph(false), recording, sight);
    const left = corner('top-left', this.standings.root);
    const middle = corner('top', this.clock.root);
    const right = corner('top-right', this.minimap.root, this.feed.root);
    const bottomLeft = corner('bottom-left', this.netGraph.root, this.badge.root);
    const bottom = corner('bottom', this.watch.root, this.death.root);
    const bottomRight = corner(
      'bottom-right',
      new Leave(() => ways.leave()).root,
      settingsButton(() => ways.toggleSettings()),
      this.invite.root,
    );
    this.root.append(
      this.alarm,
      this.stick.root,
      left,
      right,
      middle,
      bottom,
      bottomLeft,
      bottomRight,
      this.dash.root,
      this.banner.root,
      this.countdown.root,
      this.results.root,
      this.returnCard.root,
      this.announcer.root,
    );
    parent.append(this.root);
    window.addEventListener('keydown', (event) => this.key(event), {
      signal: this.listening.signal,
    });
  }

  setInviteLink(link: string): void {
    this.invite.setLink(link);
  }

  /** Whether it is there at all. */
  setShown(isShown: boolean): void {
    this.root.hidden = !isShown;
  }

  /** Each frame. */
  updateStick(stick: Stick): void {
    this.stick.update(stick);
  }

  /** Some ten times a second. */
  update(state: HudState): void {
    const { room, frame, stats, status, tick, tickRate, now } = state;
    this.history.update(stats, now);
    const verdict = judge(status, stats, this.history.silence(now), state.snapshotRate);
    // The banner stays for seconds; a short silence would be over before it is read.
    const lasting = judge(status, stats, 0, state.snapshotRate);
    this.standings.update(room, frame.ownMass);
    this.clock.update(room.phase, tick, tickRate, room.isHurried);
    this.minimap.update(frame, room.ownSeat, state.map);
    this.feed.update(room);
    this.banner.update(
      status,
      lasting,
      {
        isOutside: state.isOutside,
        isDraining: room.isDraining,
        isHurried: room.isHurried && room.phase.phase === 'playing',
        note: state.note,
      },
      now,
    );
    this.countdown.update(room, tick, tickRate);
    this.watch.update(room, frame.focus, frame.has(room.ownSeat));
    this.dash.update(state.own, state.movement);
    this.death.update(room, frame.has(room.ownSeat), tick, tickRate);
    this.results.update(room, tick, tickRate);
    this.results.setRank(state.rankToday);
    this.results.setLeaderboard(this.ways.hasLeaderboard());
    this.returnCard.update(status, now);
    this.badge.update(status, stats, verdict, now);
    this.netGraph.update(stats, this.history, verdict, now);
    this.announcer.update(room);
    this.alarm.classList.toggle('is-on', state.isOutside);
    this.root.classList.toggle('has-results', room.phase.phase === 'results');
  }

  dispose(): void {
    this.listening.abort();
    this.root.remove();
  }

  private showNetGraph(isOpen: boolean): void {
    this.netGraph.setOpen(isOpen);
    this.badge.setExpanded(isOpen);
    if (!isOpen) {
      this.badge.root.focus({ preventScroll: true });
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.netGraph.isOpen) {
      this.showNetGraph(false);
    }
    this.death.key(event);
  }
}

function corner(name: string, ...parts: readonly HTMLElement[]): HTMLElement {
  const made = element('div', `hud-corner hud-${name}`);
  made.append(...parts);
  return made;
}
