/** The whole pond, small: the ring, where it goes, the own circle and those in view. */

import type { Frame } from '../model/frame.ts';
import { MAX_SEATS } from '../model/view.ts';
import { circleColour, cssColour, LIGHT, OWN, RING } from '../view/palette.ts';
import { SIGN_BOX, SIGNS, signOf } from '../view/seat-sign.ts';
import { element, penFor } from './dom.ts';

/** What of the picture the map shows, besides the circles; world pixels. */
export interface MapExtent {
  /** Radius of what the map shows; who is farther out is drawn at its rim. */
  readonly reach: number;
  readonly boundary: number;
  /** 0 for nowhere. */
  readonly nextBoundary: number;
  /** Half the width and height of what is in view. */
  readonly halfWidth: number;
  readonly halfHeight: number;
  readonly x: number;
  readonly y: number;
}

/** Side at which lines and signs have the sizes given here; a larger map has larger ones. */
const USUAL_SIDE = 156;

/** The least side of a sign's square, in CSS pixels. */
const LEAST_SIGN = 13;

const SHAPES = SIGNS.map((path) => new Path2D(path));

/** The map at the top right. */
export class Minimap {
  readonly root = element('div', 'minimap');
  private readonly canvas = element('canvas', 'minimap-canvas');
  private pen: CanvasRenderingContext2D | undefined;
  private side = 0;

  constructor() {
    this.root.setAttribute('role', 'img');
    this.root.setAttribute('aria-label', 'Map of the pond');
    this.root.append(this.canvas);
  }

  /** Draws the map; to be called some ten times a second. */
  update(frame: Frame, ownSeat: number, extent: MapExtent): void {
    const side = this.root.clientWidth;
    if (side === 0) {
      return;
    }
    if (side !== this.side) {
      this.side = side;
      this.pen = penFor(this.canvas, side, side);
    }
    if (this.pen !== undefined) {
      draw(this.pen, side, frame, ownSeat, extent);
    }
  }
}

function draw(
  pen: CanvasRenderingContext2D,
  side: number,
  frame: Frame,
  ownSeat: number,
  extent: MapExtent,
): void {
  const middle = side / 2;
  const scale = (middle - 3) / Math.max(extent.reach, 1);
  pen.clearRect(0, 0, side, side);
  disc(pen, middle, middle, extent.boundary * scale, 'rgba(22, 66, 82, 0.9)');
  if (extent.nextBoundary > 0) {
    pen.setLineDash([3, 4]);
    circle(pen, middle, middle, extent.nextBoundary * scale, 'rgba(234, 246, 245, 0.5)', 1);
    pen.setLineDash([]);
  }
  circle(pen, middle, middle, extent.boundary * scale, cssColour(RING), 2);
  if (Math.max(extent.halfWidth, extent.halfHeight) < extent.reach * 0.6) {
    outlineView(pen, middle, scale, extent);
  }
  for (let seat = 0; seat < MAX_SEATS; seat += 1) {
    if (seat !== ownSeat && frame.has(seat)) {
      const least = LEAST_SIGN * Math.max(0.8, side / USUAL_SIDE);
      sign(pen, middle, scale, frame, seat, least, cssColour(circleColour(seat, ownSeat)));
    }
  }
  if (frame.has(ownSeat)) {
    const radius = Math.max(3, (frame.radius[ownSeat] as number) * scale);
    dot(pen, middle, scale, frame, ownSeat, radius + 3, cssColour(LIGHT));
    dot(pen, middle, scale, frame, ownSeat, radius + 1.5, 'rgba(6, 16, 25, 0.9)');
    dot(pen, middle, scale, frame, ownSeat, radius, cssColour(OWN));
  }
}

/** What is on the screen, as a frame. */
function outlineView(
  pen: CanvasRenderingContext2D,
  middle: number,
  scale: number,
  extent: MapExtent,
): void {
  pen.save();
  pen.beginPath();
  pen.arc(middle, middle, middle - 1, 0, Math.PI * 2);
  pen.clip();
  pen.strokeStyle = 'rgba(234, 246, 245, 0.28)';
  pen.lineWidth = 1;
  pen.strokeRect(
    middle + (extent.x - extent.halfWidth) * scale,
    middle + (extent.y - extent.halfHeight) * scale,
    extent.halfWidth * 2 * scale,
    extent.halfHeight * 2 * scale,
  );
  pen.restore();
}

/** Another's seat, by colour and shape; `least` is of the shape's square. */
function sign(
  pen: CanvasRenderingContext2D,
  middle: number,
  scale: number,
  frame: Frame,
  seat: number,
  least: number,
  style: string,
): void {
  const shape = SHAPES[signOf(seat)];
  const size = Math.max(least, (frame.radius[seat] as number) * scale * 3);
  const [x, y] = placeOf(frame, seat, middle, scale, size / 4);
  if (shape !== undefined) {
    pen.save();
    pen.translate(x - size / 2, y - size / 2);
    pen.scale(size / SIGN_BOX, size / SIGN_BOX);
    pen.fillStyle = style;
    pen.fill(shape, 'evenodd');
    pen.restore();
  }
}

function dot(
  pen: CanvasRenderingContext2D,
  middle: number,
  scale: number,
  frame: Frame,
  seat: number,
  radius: number,
  style: string,
): void {
  const [x, y] = placeOf(frame, seat, middle, scale, radius);
  disc(pen, x, y, radius, style);
}

/** Where a seat's circle is on the map; who is farther out than it reaches is at its rim. */
function placeOf(
  frame: Frame,
  seat: number,
  middle: number,
  scale: number,
  radius: number,
): [number, number] {
  const x = (frame.x[seat] as number) * scale;
  const y = (frame.y[seat] as number) * scale;
  const inside = Math.min(1, (middle - radius) / Math.max(1, Math.hypot(x, y)));
  return [middle + x * inside, middle + y * inside];
}

function disc(
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  style: string,
): void {
  pen.fillStyle = style;
  pen.beginPath();
  pen.arc(x, y, radius, 0, Math.PI * 2);
  pen.fill();
}

function circle(
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  style: string,
  width: number,
): void {
  pen.strokeStyle = style;
  pen.lineWidth = width;
  pen.beginPath();
  pen.arc(x, y, radius, 0, Math.PI * 2);
  pen.stroke();
}
