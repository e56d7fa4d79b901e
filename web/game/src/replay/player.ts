/** Draws a match at the tick of its playback, through somebody's eyes, and what one player saw over it. */

import { boundaryRadius, upcomingStage } from '../model/boundary.ts';
import type { GameEvent } from '../model/events.ts';
import { Frame } from '../model/frame.ts';
import { GhostLayer } from '../view/ghosts.ts';
import type { Scene, SceneState } from '../view/scene.ts';
import { fillFrame } from './fill-frame.ts';
import { Film } from './film.ts';
import { type Alignment, fillSeen, type Incident, type Look, type Offsets } from './incident.ts';
import { Playback } from './playback.ts';
import { NOBODY, Story } from './story.ts';
import type { ViewFile } from './view-file.ts';

/** The longest step that things move by, in seconds. */
const LONGEST_STEP = 0.1;

/** The picture of the whole arena follows the ring, with so much around it, but no nearer than this. */
const AROUND_RING = 1.12;
const LEAST_REACH = 500;

/** What is drawn of an incident. */
export type Side = 'server' | 'both' | 'player';

/** One match that is played. */
export class Player {
  readonly film: Film;
  readonly playback: Playback;
  readonly story: Story;
  /** As drawn last. */
  readonly frame = new Frame();
  /** What the server knew then; where a player's screen is drawn, the other frame is that. */
  readonly there = new Frame();
  /** Through whose eyes; {@link NOBODY} for the whole arena. */
  eyes = NOBODY;
  incident: Incident | undefined;
  alignment: Alignment = 'moment';
  side: Side = 'both';
  /** What is known of the incident at this tick; nothing where the player's file has nothing. */
  look: Look | undefined;
  offsets: Offsets | undefined;
  private readonly seen = new Frame();
  private readonly ghosts: GhostLayer;
  private readonly state: SceneState = {
    ownSeat: NOBODY,
    boundary: 0,
    nextBoundary: 0,
    alarm: 0,
    steerX: 0,
    steerY: 0,
  };
  private drawnAt = 0;
  private namedVersion = -1;

  constructor(
    private readonly file: ViewFile,
    private readonly scene: Scene,
  ) {
    this.film = new Film(file);
    this.story = new Story(file);
    this.playback = new Playback(file.start, file.end, file.tickRate);
    this.ghosts = scene.addOver((textures) => new GhostLayer(textures));
  }

  /** Draws the picture of `now`, in milliseconds. */
  draw(now: number): void {
    const milliseconds = Math.max(0, now - this.drawnAt);
    this.drawnAt = now;
    this.playback.advance(Math.min(milliseconds, LONGEST_STEP * 1_000));
    const { tick } = this.playback;
    const hasJumped = this.playback.takeJump();
    if (hasJumped) {
      this.scene.leap();
    }
    this.story.lookAs(this.eyes);
    this.story.go(tick, hasJumped ? () => undefined : this.show);
    this.fill(tick);
    this.nameCircles();
    this.updateState(tick);
    this.scene.draw(this.frame, this.state, Math.min(LONGEST_STEP, milliseconds / 1_000));
    this.drawGhosts();
    this.scene.render();
  }

  dispose(): void {
    this.ghosts.container.destroy({ children: true });
  }

  private fill(tick: number): void {
    const shot = this.film.at(tick);
    const focus = this.story.focusOf(this.eyes, shot.from);
    fillFrame(shot, this.eyes, focus, this.there);
    fillFrame(shot, this.eyes, focus, this.frame);
    this.look = this.incident?.at(tick, this.alignment);
    this.offsets = undefined;
    if (this.incident !== undefined && this.look !== undefined) {
      fillSeen(this.look, this.seen);
      this.offsets = this.incident.offsets(this.look, this.seen, this.there);
      if (this.side === 'player') {
        fillSeen(this.look, this.frame);
        this.frame.hasOwn = this.frame.has(this.eyes);
      }
    }
  }

  private readonly show = (event: GameEvent): void => {
    if (event.kind === 'eaten') {
      this.scene.showEaten(this.frame, event.victim, event.eater);
    } else if (event.kind === 'phase' && event.phase === 'countdown') {
      this.scene.cut();
    }
  };

  private nameCircles(): void {
    const { room } = this.story;
    if (room.version !== this.namedVersion) {
      this.namedVersion = room.version;
      for (let seat = 0; seat < this.frame.x.length; seat += 1) {
        this.scene.setName(seat, room.nameOf(seat), room.entry(seat)?.isBot === true);
      }
    }
  }

  private updateState(tick: number): void {
    const { state, file, story } = this;
    const stages = story.room.phase.boundary;
    state.ownSeat = this.eyes;
    state.boundary = boundaryRadius(stages, tick, file.pondRadius);
    state.nextBoundary = upcomingStage(stages, tick)?.to ?? 0;
    state.reach =
      this.eyes === NOBODY ? Math.max(LEAST_REACH, state.boundary * AROUND_RING) : undefined;
  }

  private drawGhosts(): void {
    if (this.look !== undefined && this.side === 'both') {
      this.ghosts.show(this.seen, this.there, this.look.row.ownSeat, this.scene.camera.scale);
    } else {
      this.ghosts.hide();
    }
  }
}
