/**
 * Draws all shapes once into one atlas, so that circles, knibbles and effects share a texture and
 * go out in few draw calls. Shapes are white and tinted by who uses them.
 */

import { CanvasSource, Rectangle, Texture } from 'pixi.js';
import { drawOwnRim, drawPreyRim, drawThreatRim, type Rim } from './rims.ts';
import { BOT, SIGN_BOX, SIGNS } from './seat-sign.ts';

/** Radius of the disc inside its frame, in texels. */
export const DISC_RADIUS = 236;

/** Radius of the ring's middle line inside its frame, in texels. */
export const RING_RADIUS = 112;

/** Radius of the dot inside its frame, in texels. */
export const DOT_RADIUS = 26;

/** Radius of the lily pad inside its frame, in texels. */
export const PAD_RADIUS = 112;

/** Side of a sign's frame, in texels. */
export const SIGN_SIDE = 64;

const ATLAS_SIDE = 1024;

/** Where the signs stand in rows of four. */
const SIGNS_X = 512;
const SIGNS_Y = 320;

/** Radius of the glow inside its frame, in texels; at it, nothing is left of the glow. */
export const GLOW_RADIUS = 30;

/** The atlas, cut up. All frames have their shape in the middle. */
export interface Textures {
  /** A flat disc with a soft, lighter rim. */
  readonly disc: Texture;
  /** A thin circle. */
  readonly ring: Texture;
  /** A small disc with a light heart. */
  readonly dot: Texture;
  /** A broad arrow head, pointing right. */
  readonly chevron: Texture;
  /** A leaf with a notch. */
  readonly pad: Texture;
  /** Around circles; see `rims.ts`. */
  readonly rims: Readonly<Record<Rim, Texture>>;
  /** By sign; see `seat-sign.ts`. */
  readonly signs: readonly Texture[];
  /** Beside a bot's name. */
  readonly bot: Texture;
  /** A spot without any edge. */
  readonly glow: Texture;
}

/** Draws the atlas. */
export function bakeTextures(): Textures {
  const canvas = document.createElement('canvas');
  canvas.width = ATLAS_SIDE;
  canvas.height = ATLAS_SIDE;
  const pen = canvas.getContext('2d');
  if (pen === null) {
    throw new Error('this browser draws no 2D canvas');
  }
  drawDisc(pen, 256, 256);
  drawRing(pen, 640, 128);
  drawPad(pen, 896, 128);
  drawDot(pen, 544, 288);
  drawChevron(pen, 608, 288);
  drawSign(pen, 640, 256, BOT);
  drawGlow(pen, 736, 288);
  for (const [index, path] of SIGNS.entries()) {
    drawSign(pen, ...signPlace(index), path);
  }
  drawPreyRim(pen, 896, 384);
  drawOwnRim(pen, 256, 768);
  drawThreatRim(pen, 768, 768);
  const source = new CanvasSource({
    resource: canvas,
    autoGenerateMipmaps: true,
    scaleMode: 'linear',
    mipmapFilter: 'linear',
  });
  const cut = (x: number, y: number, side: number): Texture =>
    new Texture({ source, frame: new Rectangle(x, y, side, side) });
  return {
    disc: cut(0, 0, 512),
    ring: cut(512, 0, 256),
    pad: cut(768, 0, 256),
    dot: cut(512, 256, 64),
    chevron: cut(576, 256, 64),
    bot: cut(640, 256, SIGN_SIDE),
    glow: cut(704, 256, 64),
    signs: SIGNS.map((_, index) => cut(...signPlace(index), SIGN_SIDE)),
    rims: { own: cut(0, 512, 512), threat: cut(512, 512, 512), prey: cut(768, 256, 256) },
  };
}

/** Top left corner of a sign's frame. */
function signPlace(index: number): [number, number] {
  const inRow = 4;
  const row = Math.floor(index / inRow);
  return [SIGNS_X + (index % inRow) * SIGN_SIDE, SIGNS_Y + row * SIGN_SIDE];
}

function drawSign(pen: CanvasRenderingContext2D, x: number, y: number, path: string): void {
  pen.save();
  pen.translate(x, y);
  pen.scale(SIGN_SIDE / SIGN_BOX, SIGN_SIDE / SIGN_BOX);
  pen.fillStyle = '#ffffff';
  pen.fill(new Path2D(path), 'evenodd');
  pen.restore();
}

function drawDisc(pen: CanvasRenderingContext2D, x: number, y: number): void {
  const shade = pen.createRadialGradient(x, y, 0, x, y, DISC_RADIUS);
  shade.addColorStop(0, '#d6d6d6');
  shade.addColorStop(0.8, '#d2d2d2');
  shade.addColorStop(0.87, '#e2e2e2');
  shade.addColorStop(0.91, '#ffffff');
  shade.addColorStop(1, '#ffffff');
  pen.fillStyle = shade;
  pen.beginPath();
  pen.arc(x, y, DISC_RADIUS, 0, Math.PI * 2);
  pen.fill();
}

function drawRing(pen: CanvasRenderingContext2D, x: number, y: number): void {
  pen.strokeStyle = '#ffffff';
  pen.lineWidth = 8;
  pen.beginPath();
  pen.arc(x, y, RING_RADIUS, 0, Math.PI * 2);
  pen.stroke();
}

function drawDot(pen: CanvasRenderingContext2D, x: number, y: number): void {
  const shade = pen.createRadialGradient(x - 7, y - 8, 2, x, y, DOT_RADIUS);
  shade.addColorStop(0, '#ffffff');
  shade.addColorStop(0.55, '#f4f4f4');
  shade.addColorStop(1, '#d8d8d8');
  pen.fillStyle = shade;
  pen.beginPath();
  pen.arc(x, y, DOT_RADIUS, 0, Math.PI * 2);
  pen.fill();
}

function drawChevron(pen: CanvasRenderingContext2D, x: number, y: number): void {
  pen.strokeStyle = '#ffffff';
  pen.lineWidth = 9;
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  pen.beginPath();
  pen.moveTo(x - 6, y - 16);
  pen.lineTo(x + 8, y);
  pen.lineTo(x - 6, y + 16);
  pen.stroke();
}

function drawGlow(pen: CanvasRenderingContext2D, x: number, y: number): void {
  const shade = pen.createRadialGradient(x, y, 0, x, y, GLOW_RADIUS);
  shade.addColorStop(0, 'rgb(255 255 255 / 1)');
  shade.addColorStop(0.35, 'rgb(255 255 255 / 0.62)');
  shade.addColorStop(0.7, 'rgb(255 255 255 / 0.16)');
  shade.addColorStop(1, 'rgb(255 255 255 / 0)');
  pen.fillStyle = shade;
  pen.fillRect(x - GLOW_RADIUS, y - GLOW_RADIUS, 2 * GLOW_RADIUS, 2 * GLOW_RADIUS);
}

function drawPad(pen: CanvasRenderingContext2D, x: number, y: number): void {
  pen.fillStyle = '#ffffff';
  pen.beginPath();
  pen.moveTo(x + 10, y);
  pen.arc(x, y, PAD_RADIUS, 0.24, Math.PI * 2 - 0.24);
  pen.closePath();
  pen.fill();
  pen.strokeStyle = '#b4b4b4';
  pen.lineWidth = 4;
  pen.lineCap = 'round';
  for (const angle of [0.9, 1.75, 2.6, Math.PI + 0.35, -1.85, -1]) {
    pen.beginPath();
    pen.moveTo(x + Math.cos(angle) * 22, y + Math.sin(angle) * 22);
    pen.lineTo(x + Math.cos(angle) * 88, y + Math.sin(angle) * 88);
    pen.stroke();
  }
}
