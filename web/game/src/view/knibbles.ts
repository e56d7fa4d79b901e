/**
 * Knibbles as small dots. One that the own circle covers is hidden at once, ahead of the server's
 * word; where the server says otherwise, it is shown again.
 */

import { Particle, ParticleContainer } from 'pixi.js';
import { isInside } from '../model/eating.ts';
import type { Frame } from '../model/frame.ts';
import { KnibbleIntent } from '../model/intent.ts';
import { KNIBBLE_SLOTS } from '../model/view.ts';
import { knibbleColour } from './palette.ts';
import { DOT_RADIUS, type Textures } from './textures.ts';

/** Radius in world pixels, and the least one on the screen. */
const RADIUS = 6.5;
const LEAST_SCREEN_RADIUS = 2.6;

/** Time in which a knibble grows to its size, in seconds. */
const GROWTH_TIME = 0.25;

/** How far a knibble bobs, in world pixels, and how fast, in radians a second. */
const BOB = 1.7;
const BOB_RATE = 1.9;

/** Told of a knibble that went into a circle. */
export type KnibbleEaten = (slot: number, x: number, y: number, seat: number) => void;

/** The knibbles in view. Add {@link KnibbleLayer.container} to the world. */
export class KnibbleLayer {
  readonly container: ParticleContainer;
  /** Whether knibbles lie still. */
  isCalm = false;
  private time = 0;
  private readonly dots: Particle[] = [];
  /** Whether each slot was shown in the last frame. */
  private readonly shown = new Uint8Array(KNIBBLE_SLOTS);
  private readonly x = new Int16Array(KNIBBLE_SLOTS);
  private readonly y = new Int16Array(KNIBBLE_SLOTS);
  /** 0 to 1, by slot. */
  private readonly size = new Float32Array(KNIBBLE_SLOTS);
  private readonly intent = new KnibbleIntent();

  constructor(textures: Textures) {
    this.container = new ParticleContainer({
      dynamicProperties: { position: true, vertex: true, rotation: false, color: false },
      texture: textures.dot,
    });
    for (let slot = 0; slot < KNIBBLE_SLOTS; slot += 1) {
      const dot = new Particle({
        texture: textures.dot,
        anchorX: 0.5,
        anchorY: 0.5,
        scaleX: 0,
        scaleY: 0,
        tint: knibbleColour(slot),
      });
      this.dots.push(dot);
      this.container.addParticle(dot);
    }
  }

  /** The next frame is of another time: its knibbles are there at once, and those that aren't just go. */
  leap(): void {
    this.shown.fill(0);
    this.size.fill(1);
    for (let slot = 0; slot < KNIBBLE_SLOTS; slot += 1) {
      this.intent.forget(slot);
    }
  }

  update(frame: Frame, ownSeat: number, scale: number, dt: number, eaten: KnibbleEaten): void {
    const view = frame.knibbles;
    this.time += this.isCalm ? 0 : dt;
    const full = Math.max(RADIUS, LEAST_SCREEN_RADIUS / scale) / DOT_RADIUS;
    for (let slot = 0; slot < KNIBBLE_SLOTS; slot += 1) {
      const isThere = view !== undefined && view.knibbles[slot] === 1;
      const x = isThere ? (view.knibbleX[slot] as number) : 0;
      const y = isThere ? (view.knibbleY[slot] as number) : 0;
      const wasShown = this.shown[slot] === 1;
      const isAnother = wasShown && isThere && (x !== this.x[slot] || y !== this.y[slot]);
      if (wasShown && (!isThere || isAnother)) {
        this.tellEater(slot, frame, eaten);
      }
      if (!isThere || isAnother) {
        this.shown[slot] = 0;
        this.size[slot] = 0;
      }
      if (isThere) {
        this.x[slot] = x;
        this.y[slot] = y;
        this.look(slot, frame, ownSeat, eaten);
      } else {
        this.intent.forget(slot);
      }
      this.draw(slot, full, dt);
    }
  }

  private look(slot: number, frame: Frame, ownSeat: number, eaten: KnibbleEaten): void {
    const x = this.x[slot] as number;
    const y = this.y[slot] as number;
    const seen = this.intent.look(slot, x, y, frame, ownSeat);
    this.shown[slot] = seen === 'seen' ? 1 : 0;
    if (seen === 'swallowed') {
      this.size[slot] = 0;
      eaten(slot, x, y, ownSeat);
    }
  }

  private draw(slot: number, full: number, dt: number): void {
    const dot = this.dots[slot] as Particle;
    const isShown = this.shown[slot] === 1;
    if (!isShown) {
      dot.scaleX = 0;
      dot.scaleY = 0;
      return;
    }
    const size = Math.min(1, (this.size[slot] as number) + dt / GROWTH_TIME);
    this.size[slot] = size;
    // Each in its own time, so that they don't nod together.
    const swing = this.isCalm ? 0 : Math.sin(this.time * BOB_RATE + slot * 2.4);
    dot.x = (this.x[slot] as number) + swing * BOB * 0.6;
    dot.y = (this.y[slot] as number) + swing * BOB;
    dot.scaleX = full * size * (2 - size) * (1 + 0.05 * swing);
    dot.scaleY = dot.scaleX;
  }

  /** A knibble that vanished inside a circle was eaten by it; elsewhere it just went out of view. */
  private tellEater(slot: number, frame: Frame, eaten: KnibbleEaten): void {
    const x = this.x[slot] as number;
    const y = this.y[slot] as number;
    for (let seat = 0; seat < frame.x.length; seat += 1) {
      if (frame.has(seat) && isInside(x, y, frame, seat, 1.25)) {
        eaten(slot, x, y, seat);
        return;
      }
    }
  }
}
