/**
 * Wakes: two pale streaks that part behind each circle that moves. Pooled; when all are in use the
 * oldest is taken.
 */

import { Particle, ParticleContainer } from 'pixi.js';
import type { Frame } from '../model/frame.ts';
import { MAX_SEATS } from '../model/view.ts';
import type { CircleLayer } from './circles.ts';
import { LIGHT } from './palette.ts';
import { GLOW_RADIUS, type Textures } from './textures.ts';

const STREAKS = 220;

/** How long a streak is seen, in seconds. */
const LIFE = 1.15;

/** World pixels a second that the streaks part with. */
const PARTING = 26;

/** A circle leaves its next streaks after this way: so many radii, and at least as many pixels. */
const WAY_RADII = 0.42;
const LEAST_WAY = 12;

/** Slower than this a circle leaves none, in world pixels a second. */
const LEAST_SPEED = 45;

/** Speed at which a wake is as clear as it gets. */
const FULL_SPEED = 260;

/** Angle from the heading back to where a streak begins at the rim, in radians. */
const SHOULDER = 1.95;

/** The wakes. Add {@link Wakes.container} to the world, under the circles. */
export class Wakes {
  readonly container: ParticleContainer;
  private readonly streaks: Particle[] = [];
  private readonly age = new Float32Array(STREAKS).fill(LIFE);
  private readonly driftX = new Float32Array(STREAKS);
  private readonly driftY = new Float32Array(STREAKS);
  private readonly width = new Float32Array(STREAKS);
  private readonly strength = new Float32Array(STREAKS);
  private readonly way = new Float32Array(MAX_SEATS);
  private next = 0;

  constructor(textures: Textures) {
    this.container = new ParticleContainer({
      dynamicProperties: { position: true, vertex: true, rotation: true, color: true },
      texture: textures.glow,
    });
    for (let i = 0; i < STREAKS; i += 1) {
      const streak = new Particle({
        texture: textures.glow,
        anchorX: 0.5,
        anchorY: 0.5,
        tint: LIGHT,
        alpha: 0,
      });
      this.streaks.push(streak);
      this.container.addParticle(streak);
    }
  }

  update(frame: Frame, circles: CircleLayer, dt: number): void {
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      if (frame.has(seat) && circles.presence[seat] === 1) {
        this.trail(frame, circles, seat, dt);
      }
    }
    for (let i = 0; i < STREAKS; i += 1) {
      if ((this.age[i] as number) < LIFE) {
        this.fade(i, dt);
      }
    }
  }

  /** Nothing is left of them, as where the picture is to be calm. */
  clear(): void {
    this.age.fill(LIFE);
    for (const streak of this.streaks) {
      streak.alpha = 0;
    }
  }

  private trail(frame: Frame, circles: CircleLayer, seat: number, dt: number): void {
    const speed = circles.speed(seat);
    const radius = circles.shownRadius[seat] as number;
    const way = (this.way[seat] as number) + speed * dt;
    const due = radius * WAY_RADII + LEAST_WAY;
    this.way[seat] = way < due ? way : 0;
    if (way < due || speed < LEAST_SPEED) {
      return;
    }
    const heading = circles.heading(seat);
    const strength = Math.min(1, speed / FULL_SPEED);
    for (const side of [-1, 1]) {
      const angle = heading + side * SHOULDER;
      this.leave(
        (frame.x[seat] as number) + Math.cos(angle) * radius * 0.98,
        (frame.y[seat] as number) + Math.sin(angle) * radius * 0.98,
        heading,
        side,
        due,
        radius,
        strength,
      );
    }
  }

  private leave(
    x: number,
    y: number,
    heading: number,
    side: number,
    length: number,
    radius: number,
    strength: number,
  ): void {
    const i = this.next;
    this.next = (i + 1) % STREAKS;
    const streak = this.streaks[i] as Particle;
    streak.x = x;
    streak.y = y;
    // A little turned out, as the two lines part.
    streak.rotation = heading - side * 0.16;
    streak.scaleX = (length * 1.15) / GLOW_RADIUS;
    const across = heading + (side * Math.PI) / 2;
    this.driftX[i] = Math.cos(across) * PARTING;
    this.driftY[i] = Math.sin(across) * PARTING;
    this.width[i] = 2.4 + radius * 0.055;
    this.strength[i] = strength * 0.34;
    this.age[i] = 0;
  }

  private fade(i: number, dt: number): void {
    const streak = this.streaks[i] as Particle;
    const age = Math.min(LIFE, (this.age[i] as number) + dt);
    const share = age / LIFE;
    this.age[i] = age;
    streak.x += (this.driftX[i] as number) * dt * (1 - 0.6 * share);
    streak.y += (this.driftY[i] as number) * dt * (1 - 0.6 * share);
    streak.scaleY = ((this.width[i] as number) * (1 + 1.6 * share)) / GLOW_RADIUS;
    streak.alpha = (this.strength[i] as number) * (1 - share) ** 1.4;
  }
}
