/**
 * Names of circles with their seats' signs and the mark of bots, drawn in screen pixels so that they
 * stay sharp and readable at any zoom.
 */

import { CanvasTextMetrics, Container, Sprite, Text, TextStyle } from 'pixi.js';
import type { Frame } from '../model/frame.ts';
import { MAX_SEATS } from '../model/view.ts';
import type { Camera } from './camera.ts';
import type { CircleLayer } from './circles.ts';
import { BOT_WIDTH, labelSize, OUTSIDE_SIZE, shortName, signPlace } from './label-layout.ts';
import { DEEP, INK, LIGHT } from './palette.ts';
import { SIGN_BOX, signOf } from './seat-sign.ts';
import { SIGN_SIDE, type Textures } from './textures.ts';

/** The game's one typeface, with what stands in for letters that it lacks. */
export const TYPEFACE = '"Outfit Variable", system-ui, sans-serif';

const WEIGHT = '600';

/** Size at which widths are measured; large, so that rounding doesn't show. */
const MEASURE = 100;

const SIGN_ALPHA = 0.72;

interface Label {
  readonly text: Text;
  readonly sign: Sprite;
  readonly bot: Sprite;
  isBot: boolean;
  /** Width in font sizes, a bot's mark included. */
  width: number;
  /** As in {@link labelSize}; −1 before the first drawing. */
  size: number;
}

/** All names. Add {@link LabelLayer.container} over the world, in screen pixels. */
export class LabelLayer {
  readonly container = new Container();
  private readonly labels: Label[] = [];

  /** `zoom`: how much larger than on a usual screen all of it is. */
  constructor(
    textures: Textures,
    resolution: number,
    readonly zoom: number,
  ) {
    this.container.scale.set(zoom);
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      const text = new Text({
        text: '',
        anchor: 0.5,
        resolution: resolution * zoom,
        visible: false,
        style: { fontFamily: TYPEFACE, fontWeight: WEIGHT, fontSize: OUTSIDE_SIZE, fill: LIGHT },
      });
      const sign = new Sprite({ texture: signTexture(textures, seat), anchor: 0.5, tint: INK });
      const bot = new Sprite({ texture: textures.bot, anchor: 0.5, visible: false });
      sign.visible = false;
      this.labels.push({ text, sign, bot, isBot: false, width: 0, size: -1 });
      this.container.addChild(sign, text, bot);
    }
  }

  /** Gives a seat's circle its name; an empty one shows nothing. */
  setName(seat: number, name: string, isBot: boolean): void {
    const label = this.labels[seat];
    const short = shortName(name);
    if (label === undefined || (label.text.text === short && label.isBot === isBot)) {
      return;
    }
    label.text.text = short;
    label.isBot = isBot;
    const style = new TextStyle({ fontFamily: TYPEFACE, fontWeight: WEIGHT, fontSize: MEASURE });
    label.width = CanvasTextMetrics.measureText(short, style).width / MEASURE;
    label.width += isBot ? BOT_WIDTH : 0;
  }

  /** Width of the name below a seat's circle, in screen pixels before the zoom; 0 where none is there. */
  widthBelow(seat: number): number {
    const label = this.labels[seat];
    return label?.text.visible === true && label.size === 0 ? label.width * OUTSIDE_SIZE : 0;
  }

  update(frame: Frame, circles: CircleLayer, camera: Camera): void {
    for (let seat = 0; seat < MAX_SEATS; seat += 1) {
      const label = this.labels[seat] as Label;
      const presence = circles.presence[seat] as number;
      const isThere = presence > 0.05 && frame.has(seat);
      const isShown = isThere && label.text.text !== '';
      label.sign.visible = isThere;
      label.text.visible = isShown;
      label.bot.visible = isShown && label.isBot;
      if (isThere) {
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
    const { text, sign, bot, isBot, width } = label;
    const radius = ((circles.shownRadius[seat] as number) * camera.scale) / this.zoom;
    const size = labelSize(label.width, radius, Math.max(0, label.size));
    if (size !== label.size) {
      label.size = size;
      restyle(text, size);
      bot.tint = size > 0 ? INK : LIGHT;
    }
    const x = camera.toScreenX(frame.x[seat] as number) / this.zoom;
    const y = camera.toScreenY(frame.y[seat] as number) / this.zoom;
    const below = size === 0 ? radius + OUTSIDE_SIZE : 0;
    const em = size || OUTSIDE_SIZE;
    text.alpha = presence;
    text.position.set(x + (isBot ? (BOT_WIDTH * em) / 2 : 0), y + below);
    bot.alpha = presence * 0.85;
    bot.scale.set((em * SIGN_BOX) / (SIGN_SIDE * 19));
    bot.position.set(x - (width * em) / 2 + em * 0.42, y + below);
    const place = signPlace(radius, size, text.text !== '');
    sign.alpha = presence * SIGN_ALPHA;
    sign.scale.set(place.side / SIGN_SIDE);
    sign.position.set(x, y - place.above);
  }
}

function signTexture({ signs, bot }: Textures, seat: number): Textures['bot'] {
  return signs[signOf(seat)] ?? bot;
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
