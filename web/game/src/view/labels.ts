/** Names of circles, drawn in screen pixels so that they stay sharp and readable at any zoom. */

import { CanvasTextMetrics, Container, Text, TextStyle } from 'pixi.js';
import type { Frame } from '../model/frame.ts';
import { MAX_SEATS } from '../model/view.ts';
import type { Camera } from './camera.ts';
import type { CircleLayer } from './circles.ts';
import { labelSize, OUTSIDE_SIZE, shortName } from './label-layout.ts';
import { DEEP, INK, LIGHT } from './palette.ts';

/** The game's one typeface, with what stands in for letters that it lacks. */
export const TYPEFACE = '"Outfit Variable", system-ui, sans-serif';

const WEIGHT = '600';

/** Size at which widths are measured; large, so that rounding doesn't show. */
const MEASURE = 100;

interface Label {
  readonly text: Text;
  /** Width in font sizes. */
  width: number;
  /** As in {@link labelSize}; −1 before the first drawing. */
  size: number;
}

/** All names. Add {@link LabelLayer.container} over the world, in screen pixels. */
export class LabelLayer {
  readonly container = new Container();
  private readonly labels: Label[] = [];

  constructor(resolution: number) {
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      const text = new Text({
        text: '',
        anchor: 0.5,
        resolution,
        visible: false,
        style: { fontFamily: TYPEFACE, fontWeight: WEIGHT, fontSize: OUTSIDE_SIZE, fill: LIGHT },
      });
      this.labels.push({ text, width: 0, size: -1 });
      this.container.addChild(text);
    }
  }

  /** Gives a seat's circle its name; an empty one shows nothing. */
  setName(seat: number, name: string): void {
    const label = this.labels[seat];
    const short = shortName(name);
    if (label === undefined || label.text.text === short) {
      return;
    }
    label.text.text = short;
    const style = new TextStyle({ fontFamily: TYPEFACE, fontWeight: WEIGHT, fontSize: MEASURE });
    label.width = CanvasTextMetrics.measureText(short, style).width / MEASURE;
  }

  /** Width of the name below a seat's circle, in screen pixels; 0 where none is there. */
  widthBelow(seat: number): number {
    const label = this.labels[seat];
    return label?.text.visible === true && label.size === 0 ? label.width * OUTSIDE_SIZE : 0;
  }

  update(frame: Frame, circles: CircleLayer, camera: Camera): void {
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      const label = this.labels[seat] as Label;
      const presence = circles.presence[seat] as number;
      const isShown = presence > 0.05 && label.text.text !== '' && frame.has(seat);
      if (label.text.visible !== isShown) {
        label.text.visible = isShown;
      }
      if (isShown) {
        this.place(label, frame, seat, circles, camera, presence);
      }
    }
  }

  private place(
    label: Label,
    frame: Frame,
    seat: number,
    circles: CircleLayer,
    camera: Camera,
    presence: number,
  ): void {
    const radius = (circles.shownRadius[seat] as number) * camera.scale;
    const size = labelSize(label.width, radius, Math.max(0, label.size));
    if (size !== label.size) {
      label.size = size;
      restyle(label.text, size);
    }
    const below = size === 0 ? radius + OUTSIDE_SIZE : 0;
    label.text.alpha = presence;
    label.text.position.set(
      camera.toScreenX(frame.x[seat] as number),
      camera.toScreenY(frame.y[seat] as number) + below,
    );
  }
}

/** Dark and plain on a circle; light with an edge of dark water below one. */
function restyle(text: Text, size: number): void {
  const style = text.style;
  if (size > 0) {
    style.fontSize = size;
    style.fill = INK;
    style.stroke = { color: INK, width: 0 };
  } else {
    style.fontSize = OUTSIDE_SIZE;
    style.fill = LIGHT;
    style.stroke = { color: DEEP, width: 3, join: 'round' };
  }
}
