/**
 * Lily pads: still leaves, always in the same places, that show which way one moves and where one
 * is. They are part of the ground and mean nothing to the game.
 */

import { Container, Sprite } from 'pixi.js';
import { PAD_RADIUS, type Textures } from './textures.ts';

const COUNT = 54;

/** Farthest from the pond's middle, in world pixels. */
const REACH = 1_750;

const COLOURS = [0x12443f, 0x103a3d, 0x164a41] as const;

/** The pads, in world pixels. */
export function createLilies(textures: Textures): Container {
  const lilies = new Container();
  for (let i = 0; i < COUNT; i += 1) {
    const pad = new Sprite(textures.pad);
    // A sunflower's spiral, shaken: even cover without a visible grid.
    const turn = i * 2.399_963 + noise(i, 1) * 0.9;
    const distance = REACH * Math.sqrt((i + 0.5) / COUNT) + (noise(i, 2) - 0.5) * 130;
    pad.anchor.set(0.5);
    pad.position.set(Math.cos(turn) * distance, Math.sin(turn) * distance);
    pad.rotation = noise(i, 3) * Math.PI * 2;
    const size = 26 + 62 * noise(i, 4) ** 2;
    pad.scale.set(size / PAD_RADIUS);
    pad.tint = COLOURS[i % COLOURS.length] as number;
    pad.alpha = 0.5;
    lilies.addChild(pad);
  }
  return lilies;
}

/** A number from 0 to 1 that looks random and is always the same. */
function noise(index: number, salt: number): number {
  const value = Math.sin(index * 127.1 + salt * 311.7) * 43_758.545_3;
  return value - Math.floor(value);
}
