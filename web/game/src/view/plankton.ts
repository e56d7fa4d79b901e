/**
 * Specks that drift at several depths, so that moving over open water is seen. Nearer ones pass
 * faster. They are pale and much smaller than food.
 */

import { Particle, ParticleContainer } from 'pixi.js';
import type { Camera } from './camera.ts';
import { LIGHT } from './palette.ts';
import { GLOW_RADIUS, type Textures } from './textures.ts';

const SPECKS = 110;

/** World pixels after which the specks repeat. A picture that is wider than this has none. */
const TILE = 1_500;

/** World pixels of width over which they fade before that. */
const FADE = 400;

/** Share of the camera's way that a speck goes with it: those at the ground none, near ones less than none. */
const FARTHEST = 0.35;
const NEAREST = -0.25;

/** World pixels a second. */
const DRIFT = 7;

/** The specks. Add {@link Plankton.container} to the world, under what lives. */
export class Plankton {
  readonly container: ParticleContainer;
  private readonly specks: Particle[] = [];
  private readonly homeX = new Float32Array(SPECKS);
  private readonly homeY = new Float32Array(SPECKS);
  private readonly parallax = new Float32Array(SPECKS);

  constructor(textures: Textures) {
    this.container = new ParticleContainer({
      dynamicProperties: { position: true, vertex: false, rotation: false, color: false },
      texture: textures.glow,
    });
    for (let i = 0; i < SPECKS; i += 1) {
      const depth = i / SPECKS;
      const size = (2.2 + 2.6 * depth + 1.4 * Math.random()) / GLOW_RADIUS;
      const speck = new Particle({
        texture: textures.glow,
        anchorX: 0.5,
        anchorY: 0.5,
        scaleX: size,
        scaleY: size,
        tint: LIGHT,
        alpha: 0.2 + 0.26 * depth,
      });
      this.homeX[i] = Math.random() * TILE;
      this.homeY[i] = Math.random() * TILE;
      this.parallax[i] = FARTHEST + (NEAREST - FARTHEST) * depth;
      this.specks.push(speck);
      this.container.addParticle(speck);
    }
  }

  /** `time` in seconds moves them by themselves. */
  update(camera: Camera, time: number): void {
    const width = Math.max(camera.width, camera.height) / camera.scale;
    this.container.alpha = Math.max(0, Math.min(1, (TILE - width) / FADE));
    if (!this.container.visible || this.container.alpha === 0) {
      return;
    }
    for (let i = 0; i < SPECKS; i += 1) {
      const speck = this.specks[i] as Particle;
      const share = this.parallax[i] as number;
      const x = (this.homeX[i] as number) + camera.x * share + DRIFT * time * (1 - share);
      const y = (this.homeY[i] as number) + camera.y * share + 6 * Math.sin(time * 0.4 + i);
      speck.x = nearest(x, camera.x);
      speck.y = nearest(y, camera.y);
    }
  }
}

/** The place among those that are {@link TILE} apart that is nearest to the camera. */
function nearest(at: number, camera: number): number {
  return at - TILE * Math.round((at - camera) / TILE);
}
