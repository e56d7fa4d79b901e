/**
 * The winning moment: gold rings on the water around who has won, and coloured flakes that burst up
 * and sink. Pooled, and over after a few seconds.
 */

import { Container, Particle, ParticleContainer, Sprite } from 'pixi.js';
import { knibbleColour, OWN } from './palette.ts';
import { DOT_RADIUS, RING_RADIUS, type Textures } from './textures.ts';

const FLAKES = 150;
const RINGS = 4;

/** Seconds from ring to ring, and how long each grows. */
const RING_PAUSE = 0.42;
const RING_LIFE = 1.7;

/** Seconds from burst to burst; flakes go off in so many bursts. */
const BURST_PAUSE = 0.3;
const BURSTS = 3;

/** Seconds that a flake lasts, at the most. */
const FLAKE_LIFE = 3;

/** World pixels a second at the start, and what the water takes of it a second, as an exponent. */
const FLAKE_SPEED = 640;
const DRAG = 1.9;

/** World pixels a second that a flake sinks with at last. */
const SINKING = 60;

/** The moment. Add {@link Victory.container} over the circles. */
export class Victory {
  readonly container = new Container();
  private readonly rings: Sprite[] = [];
  private readonly flakes: Particle[] = [];
  private readonly speedX = new Float32Array(FLAKES);
  private readonly speedY = new Float32Array(FLAKES);
  private readonly life = new Float32Array(FLAKES);
  private age = Number.POSITIVE_INFINITY;
  private x = 0;
  private y = 0;
  private radius = 0;

  constructor(textures: Textures) {
    for (let i = 0; i < RINGS; i += 1) {
      const ring = new Sprite({ texture: textures.ring, anchor: 0.5, tint: OWN, alpha: 0 });
      this.rings.push(ring);
      this.container.addChild(ring);
    }
    const flakes = new ParticleContainer({
      dynamicProperties: { position: true, vertex: true, rotation: true, color: true },
      texture: textures.dot,
    });
    for (let i = 0; i < FLAKES; i += 1) {
      const flake = new Particle({
        texture: textures.dot,
        anchorX: 0.5,
        anchorY: 0.5,
        tint: i % 4 === 0 ? OWN : knibbleColour(i),
        alpha: 0,
      });
      this.flakes.push(flake);
      flakes.addParticle(flake);
    }
    this.container.addChild(flakes);
    this.container.visible = false;
  }

  /** Begins around a circle, in world pixels. */
  celebrate(x: number, y: number, radius: number): void {
    this.x = x;
    this.y = y;
    this.radius = radius;
    this.age = 0;
    this.container.visible = true;
    for (let i = 0; i < FLAKES; i += 1) {
      this.throwFlake(i);
    }
  }

  /** It is over at once. */
  end(): void {
    this.age = Number.POSITIVE_INFINITY;
    this.container.visible = false;
  }

  update(dt: number): void {
    if (!this.container.visible) {
      return;
    }
    this.age += dt;
    const last = RING_PAUSE * RINGS + RING_LIFE;
    if (this.age > Math.max(last, BURST_PAUSE * BURSTS + FLAKE_LIFE)) {
      this.end();
      return;
    }
    for (const [index, ring] of this.rings.entries()) {
      this.growRing(ring, this.age - index * RING_PAUSE);
    }
    const drag = Math.exp(-DRAG * dt);
    for (let i = 0; i < FLAKES; i += 1) {
      this.moveFlake(i, drag, dt);
    }
  }

  private throwFlake(i: number): void {
    const flake = this.flakes[i] as Particle;
    const angle = Math.random() * Math.PI * 2;
    const speed = FLAKE_SPEED * (0.25 + 0.75 * Math.random());
    flake.x = this.x + Math.cos(angle) * this.radius;
    flake.y = this.y + Math.sin(angle) * this.radius;
    flake.rotation = angle;
    flake.alpha = 0;
    this.speedX[i] = Math.cos(angle) * speed;
    this.speedY[i] = Math.sin(angle) * speed;
    this.life[i] = FLAKE_LIFE * (0.55 + 0.45 * Math.random());
  }

  private moveFlake(i: number, drag: number, dt: number): void {
    const age = this.age - (i % BURSTS) * BURST_PAUSE;
    const share = age / (this.life[i] as number);
    const flake = this.flakes[i] as Particle;
    if (share < 0 || share >= 1) {
      flake.alpha = 0;
      return;
    }
    flake.x += (this.speedX[i] as number) * dt;
    flake.y += (this.speedY[i] as number) * dt;
    this.speedX[i] = (this.speedX[i] as number) * drag;
    this.speedY[i] = (this.speedY[i] as number) * drag + SINKING * DRAG * dt;
    flake.rotation += dt * (i % 2 === 0 ? 2.6 : -2.1);
    // Turning over and over, they are seen from the side now and then.
    flake.scaleX = (9 * Math.cos(age * (5 + (i % 7)))) / DOT_RADIUS;
    flake.scaleY = 5 / DOT_RADIUS;
    flake.alpha = Math.min(1, 3 * (1 - share));
  }

  private growRing(ring: Sprite, age: number): void {
    const share = age / RING_LIFE;
    if (share < 0 || share >= 1) {
      ring.alpha = 0;
      return;
    }
    const grown = share * (2 - share);
    ring.position.set(this.x, this.y);
    ring.scale.set((this.radius * 1.1 + 420 * grown) / RING_RADIUS);
    ring.alpha = 0.8 * (1 - share) ** 1.6;
  }
}
