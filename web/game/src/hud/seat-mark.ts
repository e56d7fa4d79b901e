/** A seat's colour and sign, and a bot's head, as small pictures beside names. */

import { circleColour, cssColour, INK } from '../view/palette.ts';
import { BOT, SIGN_BOX, SIGNS, signOf } from '../view/seat-sign.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** A disc that can be given to another seat. */
export class SeatMark {
  readonly root = picture('seat-mark');
  private readonly disc = document.createElementNS(SVG, 'circle');
  private readonly sign = shape(cssColour(INK));
  private shown = '';

  constructor() {
    for (const name of ['cx', 'cy', 'r']) {
      this.disc.setAttribute(name, String(SIGN_BOX / 2));
    }
    this.root.setAttribute('aria-hidden', 'true');
    this.root.append(this.disc, this.sign);
  }

  /** Shows this seat's. */
  show(seat: number, ownSeat: number): void {
    const colour = cssColour(circleColour(seat, ownSeat));
    const shown = `${seat} ${colour}`;
    if (this.shown !== shown) {
      this.shown = shown;
      this.disc.setAttribute('fill', colour);
      this.sign.setAttribute('d', SIGNS[signOf(seat)] ?? '');
    }
  }
}

/** What stands beside a bot's name; read out as “bot”. */
export function botMark(): SVGSVGElement {
  const root = picture('bot-mark');
  root.setAttribute('role', 'img');
  root.setAttribute('aria-label', 'bot');
  const head = shape('currentColor');
  head.setAttribute('d', BOT);
  root.append(head);
  return root;
}

function picture(className: string): SVGSVGElement {
  const made = document.createElementNS(SVG, 'svg');
  made.setAttribute('class', className);
  made.setAttribute('viewBox', `0 0 ${SIGN_BOX} ${SIGN_BOX}`);
  return made;
}

function shape(fill: string): SVGPathElement {
  const made = document.createElementNS(SVG, 'path');
  made.setAttribute('fill', fill);
  made.setAttribute('fill-rule', 'evenodd');
  return made;
}
