/**
 * Arrow heads at the picture's edge for larger circles that are near but out of the picture, so that
 * a close view takes no one by surprise.
 */

import { Container, Sprite } from 'pixi.js';
import { isThreat, threatGap } from '../model/danger.ts';
import type { Frame } from '../model/frame.ts';
import { MAX_SEATS } from '../model/view.ts';
import type { Camera } from './camera.ts';
import { type EdgePoint, edgePoint } from './edge-point.ts';
import { THREAT } from './palette.ts';
import type { Textures } from './textures.ts';

/** Circles farther than this from rim to the own middle are not told of, in world pixels. */
const REACH = 620;

/** The arrow heads. Add {@link ThreatLayer.container} over the world, in screen pixels. */
export class ThreatLayer {
  readonly container = new Container();
  private readonly heads: Sprite[] = [];
  private readonly at: EdgePoint = { x: 0, y: 0, isOut: false };

  constructor(textures: Textures) {
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      const head = new Sprite({ texture: textures.chevron, anchor: 0.5, tint: THREAT, alpha: 0 });
      this.heads.push(head);
      this.container.addChild(head);
    }
  }

  update(frame: Frame, ownSeat: number, camera: Camera): void {
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      const head = this.heads[seat] as Sprite;
      head.alpha = isThreat(frame, ownSeat, seat)
        ? this.place(head, frame, ownSeat, seat, camera)
        : 0;
    }
  }

  /** Puts the arrow head where it belongs, and gives how clear it is. */
  private place(head: Sprite, frame: Frame, ownSeat: number, seat: number, camera: Camera): number {
    const x = camera.toScreenX(frame.x[seat] as number);
    const y = camera.toScreenY(frame.y[seat] as number);
    const radius = (frame.radius[seat] as number) * camera.scale;
    edgePoint(x, y, radius, camera.width, camera.height, this.at);
    const nearness = 1 - threatGap(frame, ownSeat, seat) / REACH;
    if (!this.at.isOut || nearness <= 0) {
      return 0;
    }
    head.position.set(this.at.x, this.at.y);
    head.rotation = Math.atan2(y - this.at.y, x - this.at.x);
    head.scale.set(0.6 + 0.5 * nearness);
    return Math.min(1, 0.3 + nearness);
  }
}
