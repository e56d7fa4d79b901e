/**
 * Outlines of where circles were seen, over where they are, with a line from each to its circle.
 * What is seen and by whom is the caller's business.
 */

import { Container, Sprite, Texture } from 'pixi.js';
import type { Frame } from '../model/frame.ts';
import { MAX_SEATS } from '../model/view.ts';
import { LIGHT, OWN } from './palette.ts';
import { RING_RADIUS, type Textures } from './textures.ts';

/** Nearer than this a line would only be a blot, in world pixels. */
const LEAST_LINE = 3;

const LINE_WIDTH = 2;

interface Ghost {
  readonly ring: Sprite;
  readonly line: Sprite;
}

/** The outlines. Add {@link GhostLayer.container} over the circles. */
export class GhostLayer {
  readonly container = new Container();
  private readonly ghosts: Ghost[] = [];

  constructor(textures: Textures) {
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      const ring = new Sprite({ texture: textures.ring, anchor: 0.5 });
      const line = new Sprite({ texture: Texture.WHITE, alpha: 0.75 });
      line.anchor.set(0, 0.5);
      this.ghosts.push({ ring, line });
      this.container.addChild(line, ring);
    }
    this.hide();
  }

  hide(): void {
    this.container.visible = false;
  }

  /** Shows what was seen over what there is; `scale` is of screen pixels per world pixel. */
  show(seen: Frame, there: Frame, ownSeat: number, scale: number): void {
    this.container.visible = true;
    for (const [seat, ghost] of this.ghosts.entries()) {
      ghost.ring.visible = seen.has(seat);
      ghost.line.visible = false;
      if (seen.has(seat)) {
        place(ghost, seat, seen, seat === ownSeat ? OWN : LIGHT);
        if (there.has(seat)) {
          connect(ghost.line, seat, seen, there, scale);
        }
      }
    }
  }
}

function place({ ring, line }: Ghost, seat: number, seen: Frame, colour: number): void {
  ring.tint = colour;
  line.tint = colour;
  ring.position.set(seen.x[seat] as number, seen.y[seat] as number);
  ring.scale.set((seen.radius[seat] as number) / RING_RADIUS);
}

function connect(line: Sprite, seat: number, seen: Frame, there: Frame, scale: number): void {
  const x = seen.x[seat] as number;
  const y = seen.y[seat] as number;
  const dx = (there.x[seat] as number) - x;
  const dy = (there.y[seat] as number) - y;
  const length = Math.hypot(dx, dy);
  line.visible = length >= LEAST_LINE;
  line.position.set(x, y);
  line.rotation = Math.atan2(dy, dx);
  line.width = length;
  line.height = LINE_WIDTH / scale;
}
