/**
 * Circles: a flat disc with a soft rim each, stretched a little by speed and squashed by eating,
 * and a rim around the own one, around those that could eat it and those that it could eat.
 */

import { Container, Sprite } from 'pixi.js';
import { isGrasped } from '../model/eating.ts';
import type { Frame } from '../model/frame.ts';
import { MAX_SEATS } from '../model/view.ts';
import { circleColour, LIGHT, PREY, THREAT } from './palette.ts';
import { RIM_RADII, type Rim, rimOf } from './rims.ts';
import { DISC_RADIUS, type Textures } from './textures.ts';

/** A spring's stiffness (1/s²) and damping (1/s): two and a half swings, gone in half a second. */
const STIFFNESS = 420;
const DAMPING = 13;

/** Rates of easing, 1/s. */
const GROWTH_RATE = 12;
const FADE_RATE = 9;
const SPEED_RATE = 10;

/** How much of a circle is left in the picture while the own one has it, till the server's word. */
const GRASPED = 0.5;

/** Stretch per world pixel a second of speed, and the most of it. */
const STRETCH = 0.000_22;
const MOST_STRETCH = 0.035;

/** The most that eating squashes a circle, however much it eats at once. */
const MOST_SQUASH = 0.09;

const RIM_ALPHA: Readonly<Record<Rim, number>> = { own: 0.7, threat: 0.8, prey: 0.9 };
const RIM_TINT: Readonly<Record<Rim, number>> = { own: LIGHT, threat: THREAT, prey: PREY };

/** Two sprites for each place in the order of sizes; which circle has which place changes. */
interface Place {
  readonly body: Sprite;
  readonly ring: Sprite;
}

/** The circles in view. Add {@link CircleLayer.container} to the world. */
export class CircleLayer {
  readonly container = new Container();
  /** Radius as shown, eased, by seat, in world pixels. */
  readonly shownRadius = new Float64Array(MAX_SEATS);
  /** 0 to 1 by seat: how far a circle has come in or gone out of view. */
  readonly presence = new Float64Array(MAX_SEATS);
  /** 1 for a circle that was taken out and is to stay so until the frame is without it. */
  private readonly removed = new Uint8Array(MAX_SEATS);
  private readonly places: Place[] = [];
  private readonly order = new Uint8Array(MAX_SEATS);
  private readonly squash = new Float64Array(MAX_SEATS);
  private readonly squashSpeed = new Float64Array(MAX_SEATS);
  private readonly lastX = new Float64Array(MAX_SEATS);
  private readonly lastY = new Float64Array(MAX_SEATS);
  private readonly speedX = new Float64Array(MAX_SEATS);
  private readonly speedY = new Float64Array(MAX_SEATS);
  private readonly angle = new Float64Array(MAX_SEATS);
  private readonly rims: Textures['rims'];
  private time = 0;
  private hasLeapt = false;

  constructor(textures: Textures) {
    this.rims = textures.rims;
    for (let place = 0; place < MAX_SEATS; place += 1) {
      const body = new Sprite({ texture: textures.disc, anchor: 0.5, alpha: 0 });
      const ring = new Sprite({ texture: textures.rims.own, anchor: 0.5, alpha: 0 });
      this.places.push({ body, ring });
      this.container.addChild(body, ring);
      this.order[place] = place;
    }
  }

  /** Sets a circle swinging; 1 is a hearty meal. */
  pulse(seat: number, strength: number): void {
    this.squashSpeed[seat] = (this.squashSpeed[seat] as number) + strength * 3.2;
  }

  /**
   * Takes a circle out of the picture at once, because something else shows its end. Frames may
   * still hold it for a moment.
   */
  remove(seat: number): void {
    this.presence[seat] = 0;
    this.removed[seat] = 1;
  }

  /** The next frame is of another time: who was taken out may be in it again, and nobody went there. */
  leap(): void {
    this.removed.fill(0);
    this.hasLeapt = true;
  }

  /** How far a circle moves a second, as shown, in world pixels. */
  speed(seat: number): number {
    return Math.hypot(this.speedX[seat] as number, this.speedY[seat] as number);
  }

  /** Direction of movement as shown, in radians. */
  heading(seat: number): number {
    return this.angle[seat] as number;
  }

  update(frame: Frame, ownSeat: number, dt: number): void {
    this.time += dt;
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      this.advance(frame, seat, ownSeat, dt);
    }
    this.hasLeapt = false;
    this.sort();
    for (let place = 0; place < MAX_SEATS; place += 1) {
      this.draw(this.places[place] as Place, this.order[place] as number, frame, ownSeat);
    }
  }

  private advance(frame: Frame, seat: number, ownSeat: number, dt: number): void {
    if (!frame.has(seat)) {
      this.removed[seat] = 0;
    }
    const isThere = frame.has(seat) && this.removed[seat] === 0;
    const presence = this.presence[seat] as number;
    const target = !isThere ? 0 : isGrasped(frame, ownSeat, seat) ? GRASPED : 1;
    this.presence[seat] =
      Math.abs(target - presence) < 0.01 ? target : ease(presence, target, FADE_RATE, dt);
    if (!isThere) {
      return;
    }
    const x = frame.x[seat] as number;
    const y = frame.y[seat] as number;
    const radius = frame.radius[seat] as number;
    if (presence === 0 || this.hasLeapt) {
      this.shownRadius[seat] = radius;
      this.speedX[seat] = 0;
      this.speedY[seat] = 0;
      this.squash[seat] = 0;
      this.squashSpeed[seat] = 0;
    } else if (dt > 0) {
      const shown = this.shownRadius[seat] as number;
      this.shownRadius[seat] = ease(shown, radius, GROWTH_RATE, dt);
      const speedX = (x - (this.lastX[seat] as number)) / dt;
      const speedY = (y - (this.lastY[seat] as number)) / dt;
      this.speedX[seat] = ease(this.speedX[seat] as number, speedX, SPEED_RATE, dt);
      this.speedY[seat] = ease(this.speedY[seat] as number, speedY, SPEED_RATE, dt);
    }
    this.lastX[seat] = x;
    this.lastY[seat] = y;
    this.swing(seat, dt);
    if (this.speed(seat) > 12) {
      this.angle[seat] = Math.atan2(this.speedY[seat] as number, this.speedX[seat] as number);
    }
  }

  private swing(seat: number, dt: number): void {
    const step = Math.min(dt, 1 / 30);
    const at = this.squash[seat] as number;
    const speed = this.squashSpeed[seat] as number;
    const next = speed + (-STIFFNESS * at - DAMPING * speed) * step;
    this.squashSpeed[seat] = next;
    this.squash[seat] = Math.max(-MOST_SQUASH, Math.min(MOST_SQUASH, at + next * step));
  }

  /** Larger circles lie over smaller ones. The order hardly changes, so insertion is cheapest. */
  private sort(): void {
    for (let i = 1; i < MAX_SEATS; i += 1) {
      const seat = this.order[i] as number;
      const radius = this.shownRadius[seat] as number;
      let j = i - 1;
      while (j >= 0 && (this.shownRadius[this.order[j] as number] as number) > radius) {
        this.order[j + 1] = this.order[j] as number;
        j -= 1;
      }
      this.order[j + 1] = seat;
    }
  }

  private draw({ body, ring }: Place, seat: number, frame: Frame, ownSeat: number): void {
    const presence = this.presence[seat] as number;
    if (presence === 0) {
      body.alpha = 0;
      ring.alpha = 0;
      return;
    }
    const radius = this.shownRadius[seat] as number;
    const along =
      Math.min(MOST_STRETCH, this.speed(seat) * STRETCH) + (this.squash[seat] as number);
    const across = -along * 0.8;
    const size = (radius / DISC_RADIUS) * sizeAt(presence);
    body.alpha = presence;
    body.tint = circleColour(seat, ownSeat);
    body.position.set(this.lastX[seat] as number, this.lastY[seat] as number);
    body.rotation = this.angle[seat] as number;
    body.scale.set(size * (1 + along), size * (1 + across));
    this.drawRing(ring, body, seat, radius, frame, ownSeat);
  }

  private drawRing(
    ring: Sprite,
    body: Sprite,
    seat: number,
    radius: number,
    frame: Frame,
    ownSeat: number,
  ): void {
    const rim = rimOf(seat, ownSeat, radius, frame.hasOwn ? this.shownRadius[ownSeat] : undefined);
    if (rim === undefined) {
      ring.alpha = 0;
      return;
    }
    const breath = rim === 'threat' ? 0.14 * Math.sin(this.time * 2.2 + seat) : 0;
    const gap = 1.05 + 2 / radius;
    ring.texture = this.rims[rim];
    ring.alpha = (RIM_ALPHA[rim] + breath) * (this.presence[seat] as number);
    ring.tint = RIM_TINT[rim];
    ring.position.copyFrom(body.position);
    ring.rotation = rim === 'prey' ? 0 : body.rotation;
    ring.scale.set(
      (body.scale.x * DISC_RADIUS * gap) / RIM_RADII[rim],
      (body.scale.y * DISC_RADIUS * gap) / RIM_RADII[rim],
    );
  }
}

/** The share of its size that a circle of this presence, 0 to 1, is drawn with. */
export function sizeAt(presence: number): number {
  return 0.7 + 0.3 * presence;
}

function ease(from: number, to: number, rate: number, dt: number): number {
  return from + (to - from) * (1 - Math.exp(-rate * dt));
}
