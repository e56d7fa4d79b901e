/**
 * Ripples, crumbs and swallowed circles: pooled, short-lived, without any part in the game. When a
 * pool is used up, the oldest piece is taken.
 */

import { Container, Particle, ParticleContainer, Sprite } from 'pixi.js';
import type { Frame } from '../model/frame.ts';
import { LIGHT } from './palette.ts';
import { DISC_RADIUS, DOT_RADIUS, RING_RADIUS, type Textures } from './textures.ts';

const RIPPLES = 40;
const CRUMBS = 140;
const GHOSTS = 4;

/** How long a swallowed circle takes to vanish in its eater, in seconds. */
const GHOST_TIME = 0.26;

/** Share of its speed that a crumb loses in a second, as an exponent. */
const WATER_DRAG = 3.2;

interface Ghost {
  readonly sprite: Sprite;
  age: number;
  x: number;
  y: number;
  radius: number;
  alpha: number;
  /** Whom it goes into; −1 when it withers where it is. */
  eater: number;
}

/** The effects. `below` belongs under the circles, `above` over them. */
export class Effects {
  readonly below: ParticleContainer;
  readonly above = new Container();
  private readonly ripples: Particle[] = [];
  private readonly rippleAge = new Float32Array(RIPPLES).fill(1);
  private readonly rippleLife = new Float32Array(RIPPLES).fill(1);
  private readonly rippleFrom = new Float32Array(RIPPLES);
  private readonly rippleTo = new Float32Array(RIPPLES);
  private readonly rippleAlpha = new Float32Array(RIPPLES);
  private nextRipple = 0;
  private readonly crumbs: Particle[] = [];
  private readonly crumbAge = new Float32Array(CRUMBS).fill(1);
  private readonly crumbLife = new Float32Array(CRUMBS).fill(1);
  private readonly crumbX = new Float32Array(CRUMBS);
  private readonly crumbY = new Float32Array(CRUMBS);
  private readonly crumbSize = new Float32Array(CRUMBS);
  private nextCrumb = 0;
  private readonly ghosts: Ghost[] = [];
  private nextGhost = 0;

  /** With `isCalm` (a wish for reduced motion) ripples and crumbs are left out. */
  constructor(
    textures: Textures,
    public isCalm: boolean,
  ) {
    const dynamicProperties = { position: true, vertex: true, rotation: false, color: true };
    this.below = new ParticleContainer({ dynamicProperties, texture: textures.ring });
    for (let i = 0; i < RIPPLES; i += 1) {
      const ripple = new Particle({ texture: textures.ring, anchorX: 0.5, anchorY: 0.5, alpha: 0 });
      this.ripples.push(ripple);
      this.below.addParticle(ripple);
    }
    const crumbs = new ParticleContainer({ dynamicProperties, texture: textures.dot });
    for (let i = 0; i < CRUMBS; i += 1) {
      const crumb = new Particle({ texture: textures.dot, anchorX: 0.5, anchorY: 0.5, alpha: 0 });
      this.crumbs.push(crumb);
      crumbs.addParticle(crumb);
    }
    for (let i = 0; i < GHOSTS; i += 1) {
      const sprite = new Sprite({ texture: textures.disc, anchor: 0.5, alpha: 0 });
      this.ghosts.push({ sprite, age: GHOST_TIME, x: 0, y: 0, radius: 0, alpha: 0, eater: -1 });
      this.above.addChild(sprite);
    }
    this.above.addChild(crumbs);
  }

  /** A ring on the water that grows from one radius to another, in world pixels. */
  ripple(x: number, y: number, from: number, to: number, life: number, alpha: number): void {
    if (this.isCalm) {
      return;
    }
    const i = this.nextRipple;
    this.nextRipple = (i + 1) % RIPPLES;
    const ripple = this.ripples[i] as Particle;
    ripple.x = x;
    ripple.y = y;
    ripple.tint = LIGHT;
    this.rippleAge[i] = 0;
    this.rippleLife[i] = life;
    this.rippleFrom[i] = from;
    this.rippleTo[i] = to;
    this.rippleAlpha[i] = alpha;
  }

  /** Crumbs that fly off from the rim of (x, y, radius). */
  burst(x: number, y: number, radius: number, colour: number, count: number, speed: number): void {
    if (this.isCalm) {
      return;
    }
    for (let n = 0; n < count; n += 1) {
      const i = this.nextCrumb;
      this.nextCrumb = (i + 1) % CRUMBS;
      const angle = Math.random() * Math.PI * 2;
      const away = speed * (0.4 + 0.6 * Math.random());
      const crumb = this.crumbs[i] as Particle;
      crumb.x = x + Math.cos(angle) * radius * 0.8;
      crumb.y = y + Math.sin(angle) * radius * 0.8;
      crumb.tint = colour;
      this.crumbX[i] = Math.cos(angle) * away;
      this.crumbY[i] = Math.sin(angle) * away;
      this.crumbSize[i] = 2 + 3 * Math.random();
      this.crumbAge[i] = 0;
      this.crumbLife[i] = 0.4 + 0.5 * Math.random();
    }
  }

  /**
   * A circle at its end, from the size and the opacity it had: it goes into `eater`'s, or withers
   * where it is when that is −1.
   */
  swallow(
    x: number,
    y: number,
    radius: number,
    colour: number,
    alpha: number,
    eater: number,
  ): void {
    const ghost = this.ghosts[this.nextGhost] as Ghost;
    this.nextGhost = (this.nextGhost + 1) % GHOSTS;
    ghost.age = 0;
    ghost.x = x;
    ghost.y = y;
    ghost.radius = radius;
    ghost.alpha = alpha;
    ghost.eater = eater;
    ghost.sprite.tint = colour;
  }

  update(frame: Frame, dt: number): void {
    for (let i = 0; i < RIPPLES; i += 1) {
      this.updateRipple(i, dt);
    }
    const drag = Math.exp(-WATER_DRAG * dt);
    for (let i = 0; i < CRUMBS; i += 1) {
      this.updateCrumb(i, drag, dt);
    }
    for (const ghost of this.ghosts) {
      updateGhost(ghost, frame, dt);
    }
  }

  private updateRipple(i: number, dt: number): void {
    const ripple = this.ripples[i] as Particle;
    const age = (this.rippleAge[i] as number) + dt;
    this.rippleAge[i] = age;
    const share = age / (this.rippleLife[i] as number);
    if (share >= 1) {
      ripple.alpha = 0;
      return;
    }
    const from = this.rippleFrom[i] as number;
    const radius = from + ((this.rippleTo[i] as number) - from) * share * (2 - share);
    ripple.scaleX = radius / RING_RADIUS;
    ripple.scaleY = ripple.scaleX;
    ripple.alpha = (this.rippleAlpha[i] as number) * (1 - share) ** 1.5;
  }

  private updateCrumb(i: number, drag: number, dt: number): void {
    const crumb = this.crumbs[i] as Particle;
    const age = (this.crumbAge[i] as number) + dt;
    this.crumbAge[i] = age;
    const share = age / (this.crumbLife[i] as number);
    if (share >= 1) {
      crumb.alpha = 0;
      return;
    }
    crumb.x += (this.crumbX[i] as number) * dt;
    crumb.y += (this.crumbY[i] as number) * dt;
    this.crumbX[i] = (this.crumbX[i] as number) * drag;
    this.crumbY[i] = (this.crumbY[i] as number) * drag;
    crumb.scaleX = ((this.crumbSize[i] as number) * (1 - share * share)) / DOT_RADIUS;
    crumb.scaleY = crumb.scaleX;
    crumb.alpha = 1 - share;
  }
}

function updateGhost(ghost: Ghost, frame: Frame, dt: number): void {
  const { sprite, eater } = ghost;
  ghost.age += dt;
  const share = ghost.age / GHOST_TIME;
  if (share >= 1) {
    sprite.alpha = 0;
    return;
  }
  const isPulled = eater >= 0 && frame.has(eater);
  const pull = isPulled ? share * share : 0;
  sprite.x = ghost.x + (isPulled ? ((frame.x[eater] as number) - ghost.x) * pull : 0);
  sprite.y = ghost.y + (isPulled ? ((frame.y[eater] as number) - ghost.y) * pull : 0);
  sprite.scale.set((ghost.radius * (1 - share * share * 0.85)) / DISC_RADIUS);
  sprite.alpha = ghost.alpha * (1 - share * share);
}
