/**
 * The running game: one callback a frame takes a sample, steers, and draws. It is loaded after the
 * start screen, because PIXI is the heavy part.
 */

import type { Sample } from '@battle-circles/sdk';
import { Hud } from '../hud/hud.ts';
import { Controls } from '../input/controls.ts';
import type { Own } from '../model/adapter.ts';
import { boundaryRadius, upcomingStage } from '../model/boundary.ts';
import { CourseSmoothing } from '../model/course-smoothing.ts';
import { likelyEater } from '../model/eating.ts';
import type { GameEvent, ResultRow } from '../model/events.ts';
import { Frame, readSample } from '../model/frame.ts';
import { MatchClock } from '../model/match-clock.ts';
import type { View } from '../model/view.ts';
import { onCalm, wantsCalm } from '../settings/calm.ts';
import { listenForMute } from '../settings/mute-key.ts';
import type { SettingsStore } from '../settings/settings.ts';
import { SightRecorder } from '../sight/sight-recorder.ts';
import { Scene, type SceneState } from '../view/scene.ts';
import { Autoplay } from './autoplay.ts';
import { Ear } from './ear.ts';
import { FrameCostMeter } from './frame-cost.ts';
import { NoGraphicsError } from './no-graphics-error.ts';
import { takePadButton } from './pad-buttons.ts';
import type { RankToday } from './rank-today.ts';
import type { Session } from './session.ts';
import { typeface } from './typeface.ts';
import { WakeLock } from './wake-lock.ts';
import type { WaysOut } from './ways-out.ts';

/** The HUD is brought up to date this often, in milliseconds. */
const HUD_INTERVAL = 100;

/** The longest step that things move by, in seconds; after a pause they don't leap. */
const LONGEST_STEP = 0.1;

/** How fast the ring reddens and calms, 1/s. */
const ALARM_RATE = 5;

/** The map follows the shrinking ring, but shows at least this far from the middle, in pixels. */
const LEAST_MAP = 500;

/** The own circle as tests see it; pixels. */
export interface Self {
  readonly x: number;
  readonly y: number;
  readonly mass: number;
  readonly alive: boolean;
}

/** The game on the page. */
export class Game {
  readonly cost = new FrameCostMeter();
  private readonly frame = new Frame();
  private readonly smoothing = new CourseSmoothing();
  private readonly recorder = new SightRecorder();
  private readonly clock = new MatchClock();
  private readonly hud: Hud;
  private readonly controls: Controls;
  private readonly autoplay: Autoplay | undefined;
  private readonly steering = { x: 0, y: 0 };
  private readonly state: SceneState = {
    ownSeat: 0,
    boundary: 0,
    nextBoundary: 0,
    alarm: 0,
    steerX: 0,
    steerY: 0,
  };
  private readonly resizing: ResizeObserver;
  private readonly ear: Ear;
  private readonly wakeLock = new WakeLock();
  private readonly listening = new AbortController();
  private lastFrame = 0;
  private lastHud = 0;
  private hudVersion = -1;
  private own: Own | undefined;
  private celebrated: readonly ResultRow[] = [];
  private request = 0;

  private constructor(
    private readonly session: Session,
    private readonly scene: Scene,
    parent: HTMLElement,
    canvas: HTMLCanvasElement,
    private readonly rank: RankToday,
    private readonly ways: WaysOut,
    settings: SettingsStore,
    isAutoplay: boolean,
  ) {
    this.hud = new Hud(
      parent,
      ways,
      () => session.ready(),
      () => this.controls.pressDash(),
      {
        respawn: () => session.respawn(),
        playElsewhere: () => ways.playElsewhere(),
        watch: (step) => session.watch(this.frame.focus, step),
      },
      () => session.client.recording(),
      () => this.sight(),
    );
    this.controls = new Controls(canvas);
    this.controls.onPad = (button) => takePadButton(button, session, ways);
    this.ear = new Ear(session, settings);
    scene.onKnibbleEaten = this.ear.knibble;
    const { signal } = this.listening;
    onCalm(settings, signal, (isCalm) => scene.setCalm(isCalm));
    listenForMute(settings, signal, (sentence) => session.note.say(sentence));
    this.autoplay = isAutoplay ? new Autoplay(session) : undefined;
    this.resizing = new ResizeObserver(() => scene.resize(canvas.clientWidth, canvas.clientHeight));
    this.resizing.observe(canvas);
  }

  /**
   * Makes the game draw into `canvas` and put its HUD into `parent`.
   *
   * @throws {@link NoGraphicsError} when the browser has no WebGL.
   */
  static async create(
    session: Session,
    parent: HTMLElement,
    canvas: HTMLCanvasElement,
    rank: RankToday,
    ways: WaysOut,
    settings: SettingsStore,
    isAutoplay: boolean,
  ): Promise<Game> {
    await typeface();
    const scene = await Scene.create(canvas, wantsCalm(settings)).catch((error: unknown) => {
      throw new NoGraphicsError('no WebGL', { cause: error });
    });
    scene.resize(canvas.clientWidth, canvas.clientHeight);
    scene.warmUp();
    return new Game(session, scene, parent, canvas, rank, ways, settings, isAutoplay);
  }

  /** Begins to draw, one picture for each of the screen's. */
  start(): void {
    this.hud.setShown(true);
    this.wakeLock.hold();
    const loop = (now: number): void => {
      this.request = requestAnimationFrame(loop);
      this.tick(now);
    };
    this.request = requestAnimationFrame(loop);
  }

  /** Draws no more and forgets the picture, until the next start. */
  stop(): void {
    cancelAnimationFrame(this.request);
    this.hud.setShown(false);
    this.frame.clear();
    this.clock.reset();
    this.controls.reset();
    this.controls.offerDash(false);
    this.ear.reset();
    this.wakeLock.release();
    this.scene.cut();
  }

  setInviteLink(link: string): void {
    this.hud.setInviteLink(link);
  }

  self(): Self {
    const { frame } = this;
    const seat = this.session.room.ownSeat;
    return {
      x: frame.x[seat] ?? 0,
      y: frame.y[seat] ?? 0,
      mass: frame.ownMass,
      alive: frame.hasOwn,
    };
  }

  /** What the screen has shown in the last minutes, as a file; nothing before there is any. */
  async sight(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { room } = this.session;
    const sight = this.recorder.read(room.nameOf(room.ownSeat));
    const { writeSight } = await import('../sight/sight-file.ts');
    return sight === undefined ? undefined : writeSight(sight);
  }

  dispose(): void {
    cancelAnimationFrame(this.request);
    this.resizing.disconnect();
    this.listening.abort();
    this.wakeLock.release();
    this.ear.dispose();
    this.controls.dispose();
    this.hud.dispose();
    this.scene.dispose();
  }

  private tick(now: number): void {
    const begun = performance.now();
    const dt = Math.min(LONGEST_STEP, Math.max(0, (now - this.lastFrame) / 1000));
    this.lastFrame = now;
    const { session, frame, scene, state } = this;
    // Before the sample, so that this very frame shows the own circle on its new course.
    this.steer();
    const sample = session.client.sample(now);
    if (sample !== undefined) {
      const hadOwn = frame.hasOwn;
      readSample(sample, session.room.ownSeat, frame);
      this.smoothing.apply(sample, session.room.ownSeat, 1_000 / session.tickRate, frame);
      if (hadOwn && !frame.hasOwn) {
        this.showOwnEnd();
      }
      this.noteOwn(sample.own?.current);
      this.record(sample, now);
    }
    // While another session is fetched, the last picture stays as it is.
    if (session.client.status.returning === undefined) {
      session.advance(sample === undefined ? undefined : frame.tick, now, this.show);
    }
    this.clock.update(frame.serverTick, session.client.status, session.room);
    this.updateBoundary(dt);
    state.ownSeat = session.room.ownSeat;
    scene.draw(frame, state, dt);
    this.ear.listen(frame, this.clock.tick, state.alarm, now);
    this.hud.updateStick(this.controls.stick);
    if (now - this.lastHud >= HUD_INTERVAL) {
      this.lastHud = now;
      this.updateHud(now);
    }
    const drawn = performance.now();
    scene.render();
    this.cost.add(drawn - begun, performance.now() - drawn);
  }

  /** A cooldown that has grown is that of a dash that begins. */
  private noteOwn(own: Own | undefined): void {
    if (own !== undefined && this.own !== undefined && own.cooldown > this.own.cooldown) {
      this.ear.dash();
    }
    this.own = own;
  }

  private record({ isExtrapolated, isFrozen }: Sample<View, Own>, now: number): void {
    const { roomName, tickRate, room } = this.session;
    const facts = { room: roomName, tickRate, ownSeat: room.ownSeat, isExtrapolated, isFrozen };
    this.recorder.note(this.frame, facts, now);
  }

  /** What is seen of an event in the pond, before the room takes it. */
  private readonly show = (event: GameEvent): void => {
    this.ear.event(event);
    if (event.kind === 'eaten') {
      this.scene.showEaten(this.frame, event.victim, event.eater);
    } else if (event.kind === 'phase' && event.phase === 'countdown') {
      this.scene.cut();
      this.controls.reset();
      this.ways.gameBegins();
    }
  };

  /** The own circle is gone; its event may come later than the snapshot that lacks it. */
  private showOwnEnd(): void {
    const { frame, scene, session } = this;
    const seat = session.room.ownSeat;
    const eater = likelyEater(frame, seat);
    if (eater !== undefined && session.timeline.phase === 'playing') {
      scene.showEaten(frame, seat, eater);
    }
  }

  private updateBoundary(dt: number): void {
    const { session, state } = this;
    const { tick } = this.clock;
    const stages = session.room.phase.boundary;
    state.boundary = boundaryRadius(stages, tick, session.pondRadius);
    state.nextBoundary = upcomingStage(stages, tick)?.to ?? 0;
    const alarm = this.isOutside() ? 1 : 0;
    state.alarm += (alarm - state.alarm) * (1 - Math.exp(-ALARM_RATE * dt));
  }

  private isOutside(): boolean {
    const { session, frame, state } = this;
    const seat = session.room.ownSeat;
    const distance = Math.hypot(frame.x[seat] as number, frame.y[seat] as number);
    return frame.hasOwn && session.room.phase.phase === 'playing' && distance > state.boundary;
  }

  private steer(): void {
    const { session, frame, scene, steering, state } = this;
    const seat = session.room.ownSeat;
    this.controls.poll();
    this.controls.offerDash(frame.hasOwn && session.room.phase.phase === 'playing');
    if (this.autoplay !== undefined && frame.hasOwn) {
      this.autoplay.pilot.steer(frame, seat, state.boundary, steering);
    } else {
      const { camera } = scene;
      const x = camera.toScreenX(frame.x[seat] as number);
      const y = camera.toScreenY(frame.y[seat] as number);
      this.controls.read(x, y, (frame.radius[seat] as number) * camera.scale, steering);
    }
    const dash = (this.autoplay?.pilot ?? this.controls).takeDash();
    if (dash || steering.x !== state.steerX || steering.y !== state.steerY) {
      state.steerX = steering.x;
      state.steerY = steering.y;
      session.client.setInput({ x: steering.x, y: steering.y, dash });
    }
  }

  private updateHud(now: number): void {
    const { session, frame, scene, state } = this;
    const { room, client } = session;
    room.kills.expire(now);
    if (room.version !== this.hudVersion) {
      this.hudVersion = room.version;
      for (let seat = 0; seat < frame.x.length; seat += 1) {
        scene.setName(seat, room.nameOf(seat), room.entry(seat)?.isBot === true);
      }
      this.celebrate();
    }
    const { camera } = scene;
    this.rank.update(room, now);
    this.hud.update({
      room,
      frame,
      map: {
        reach: Math.min(session.pondRadius, Math.max(LEAST_MAP, state.boundary * 1.3)),
        boundary: state.boundary,
        nextBoundary: state.nextBoundary,
        halfWidth: camera.width / 2 / camera.scale,
        halfHeight: camera.height / 2 / camera.scale,
        x: camera.x,
        y: camera.y,
      },
      isOutside: this.isOutside(),
      own: room.phase.phase === 'playing' ? this.own : undefined,
      movement: session.timeline.movement,
      tick: this.clock.tick,
      tickRate: session.tickRate,
      snapshotRate: session.snapshotRate,
      stats: client.stats(),
      status: client.status,
      rankToday: this.rank.line,
      // The results would cover it, and its time would go by.
      note: room.phase.phase === 'results' ? '' : session.note.read(now),
      now,
    });
    this.autoplay?.update(now);
  }

  /** Once for each table of results that the player leads. */
  private celebrate(): void {
    const { results, ownSeat } = this.session.room;
    if (results !== this.celebrated && results[0]?.seat === ownSeat) {
      this.scene.celebrate(this.frame, ownSeat);
    }
    this.celebrated = results;
  }
}
