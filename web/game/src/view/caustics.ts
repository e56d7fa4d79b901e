/**
 * The net of light that the sun draws on a pond's ground, as one tile that repeats without a seam.
 * It is made once; the pond's shader moves two of it over each other.
 */

import { BufferImageSource } from 'pixi.js';

/** Texels a side. */
const SIDE = 256;

/** Cells a side; the net's lines run between them. */
const CELLS = 6;

/** How sharp the lines are. */
const SHARPNESS = 9;

/** Numbers from 0 to 1 that look random and are always the same. */
const PLACES = Float64Array.from({ length: 2 * CELLS * CELLS }, (_, index) => {
  const value = Math.sin(index * 127.1 + 74.7) * 43_758.545_3;
  return value - Math.floor(value);
});

/** Makes the tile; its red tells how much light there is. */
export function bakeCaustics(): BufferImageSource {
  const texels = new Uint8Array(SIDE * SIDE * 4);
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const light = lightAt((x / SIDE) * CELLS, (y / SIDE) * CELLS);
      texels.fill(Math.round(255 * light), (y * SIDE + x) * 4, (y * SIDE + x) * 4 + 4);
    }
  }
  return new BufferImageSource({
    resource: texels,
    width: SIDE,
    height: SIDE,
    format: 'rgba8unorm',
    alphaMode: 'no-premultiply-alpha',
    addressMode: 'repeat',
    scaleMode: 'linear',
    autoGenerateMipmaps: true,
    mipmapFilter: 'linear',
  });
}

/** 0 to 1: bright where two cells' middles are equally far (after Worley, 1996). */
function lightAt(x: number, y: number): number {
  const column = Math.floor(x);
  const line = Math.floor(y);
  let nearest = 9;
  let second = 9;
  for (let i = column - 1; i <= column + 1; i += 1) {
    for (let j = line - 1; j <= line + 1; j += 1) {
      const dx = i + place(i, j, 0) - x;
      const dy = j + place(i, j, 1) - y;
      const distance = dx * dx + dy * dy;
      second = Math.min(second, Math.max(nearest, distance));
      nearest = Math.min(nearest, distance);
    }
  }
  return Math.exp(-SHARPNESS * (Math.sqrt(second) - Math.sqrt(nearest)));
}

/** Where a cell's middle is in it, 0 to 1 across and down; the same again after each {@link CELLS}. */
function place(i: number, j: number, axis: 0 | 1): number {
  const cell = ((j + CELLS) % CELLS) * CELLS + ((i + CELLS) % CELLS);
  return PLACES[2 * cell + axis] as number;
}
