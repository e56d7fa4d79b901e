/** Where the picture is taken from: pure maths between world pixels and screen pixels. */

/** Half the side of the square that the server sends to a circle of radius 0, in world pixels. */
const SENT_BASE = 700;

/**
 * Half the side of a square picture around a circle of radius 0, in world pixels: close enough that
 * a circle is the picture's main thing from the start on.
 */
const VIEW_BASE = 235;

/** World pixels that each pixel of radius adds to both. */
const VIEW_PER_RADIUS = 4;

/** Share of the way to a new zoom that is gone after a second is 1 − e^−RATE. */
const ZOOM_RATE = 3.5;

/** The same for the way to a circle that is watched anew. */
const PAN_RATE = 6;

/** A target that moves farther than this in one frame is another one, in world pixels. */
const JUMP = 160;

/** The name of the pond's middle as a target; seats count from 0. */
const POND_TARGET = -2;

/** Half the side of the square that a circle of this radius is sent, in world pixels. */
export function halfSide(radius: number): number {
  return SENT_BASE + VIEW_PER_RADIUS * radius;
}

/**
 * Half the longer side that is wished for the picture around a circle of this radius, in world
 * pixels. Pictures of one area show the same area of the pond, whatever their shape.
 */
export function viewSide(radius: number, width: number, height: number): number {
  const longer = Math.sqrt(Math.max(width, height) / Math.min(width, height));
  return (VIEW_BASE + VIEW_PER_RADIUS * radius) * longer;
}

/** A camera over the pond. Screen pixels are CSS pixels, the origin at the top left. */
export class Camera {
  /** World position of the screen's middle. */
  x = 0;
  y = 0;
  /** Screen pixels per world pixel. */
  scale = 0.5;
  width = 1;
  height = 1;
  private panX = 0;
  private panY = 0;
  private targetX = 0;
  private targetY = 0;
  private side = VIEW_BASE;
  private target: number | undefined;
  /** How far from the target there is anything to show, in world pixels. */
  private limit = Number.POSITIVE_INFINITY;

  resize(width: number, height: number): void {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    this.applyZoom();
  }

  /**
   * Follows a circle for `dt` seconds. The position is followed exactly, so that the own circle
   * never swims; only the zoom, and the way to another `target` or to a far place, are eased. On that
   * way nothing comes into the picture that isn't sent and would look empty.
   */
  follow(target: number, x: number, y: number, radius: number, dt: number): void {
    this.limit = halfSide(radius);
    this.go(target, x, y, viewSide(radius, this.width, this.height), dt);
  }

  /** Shows the whole of a pond with this radius, whatever the screen's shape. */
  overlook(reach: number, dt: number): void {
    const longer = Math.max(this.width, this.height) / Math.min(this.width, this.height);
    this.limit = Number.POSITIVE_INFINITY;
    this.go(POND_TARGET, 0, 0, reach * longer, dt);
  }

  /** The next target is gone to at once. */
  cut(): void {
    this.target = undefined;
  }

  toScreenX(x: number): number {
    return (x - this.x) * this.scale + this.width / 2;
  }

  toScreenY(y: number): number {
    return (y - this.y) * this.scale + this.height / 2;
  }

  private go(target: number, x: number, y: number, wanted: number, dt: number): void {
    const isFar = Math.hypot(x - this.targetX, y - this.targetY) > JUMP;
    if (this.target === undefined) {
      this.side = wanted;
      this.panX = 0;
      this.panY = 0;
    } else if (target !== this.target || isFar) {
      this.panX += this.targetX - x;
      this.panY += this.targetY - y;
    }
    this.target = target;
    this.targetX = x;
    this.targetY = y;
    const fade = Math.exp(-PAN_RATE * dt);
    this.panX *= fade;
    this.panY *= fade;
    this.side += (wanted - this.side) * (1 - Math.exp(-ZOOM_RATE * dt));
    this.side = Math.min(this.side, this.limit);
    this.applyZoom();
    this.panX = within(this.panX, this.limit - this.width / 2 / this.scale);
    this.panY = within(this.panY, this.limit - this.height / 2 / this.scale);
    this.x = x + this.panX;
    this.y = y + this.panY;
  }

  private applyZoom(): void {
    this.scale = Math.max(this.width, this.height) / 2 / this.side;
  }
}

function within(way: number, most: number): number {
  return Math.max(-most, Math.min(most, way));
}
