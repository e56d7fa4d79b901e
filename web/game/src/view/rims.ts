/**
 * What surrounds a circle: the own one by a double line, one that could eat it by teeth, one that it
 * could eat by four brackets. They differ by shape, so that no colour has to be seen. Each is drawn
 * into a square with its circle in the middle.
 */

import { canEat } from '../model/eating.ts';

/** Radius of a rim's inner edge inside its frame, in texels. */
export const RIM_RADII = { own: 204, threat: 204, prey: 102 } as const;

/** Which of them a circle has. */
export type Rim = keyof typeof RIM_RADII;

const TEETH = 26;
const TOOTH_HEIGHT = 36;
const THREAT_LINE = 13;

const OWN_LINE = 9;
const OWN_GAP = 15;

const PREY_LINE = 9;
/** Half the angle that a bracket spans, in radians. */
const BRACKET = 0.32;

type Pen = CanvasRenderingContext2D;

/** What a circle is to the player: it may be nothing. `ownRadius` is absent where there is no own circle. */
export function rimOf(
  seat: number,
  ownSeat: number,
  radius: number,
  ownRadius: number | undefined,
): Rim | undefined {
  if (seat === ownSeat) {
    return 'own';
  }
  if (ownRadius === undefined) {
    return undefined;
  }
  return canEat(radius, ownRadius) ? 'threat' : canEat(ownRadius, radius) ? 'prey' : undefined;
}

export function drawOwnRim(pen: Pen, x: number, y: number): void {
  const inner = RIM_RADII.own + OWN_LINE / 2;
  arc(pen, x, y, inner, OWN_LINE);
  arc(pen, x, y, inner + OWN_LINE + OWN_GAP, OWN_LINE);
}

export function drawThreatRim(pen: Pen, x: number, y: number): void {
  arc(pen, x, y, RIM_RADII.threat + THREAT_LINE / 2, THREAT_LINE);
  const foot = RIM_RADII.threat + THREAT_LINE - 2;
  const half = (Math.PI / TEETH) * 0.62;
  pen.fillStyle = '#ffffff';
  for (let tooth = 0; tooth < TEETH; tooth += 1) {
    const angle = (tooth / TEETH) * Math.PI * 2;
    pen.beginPath();
    pen.moveTo(...at(x, y, foot, angle - half));
    pen.lineTo(...at(x, y, foot + TOOTH_HEIGHT, angle));
    pen.lineTo(...at(x, y, foot, angle + half));
    pen.fill();
  }
}

export function drawPreyRim(pen: Pen, x: number, y: number): void {
  for (let corner = 0; corner < 4; corner += 1) {
    const angle = Math.PI / 4 + (corner * Math.PI) / 2;
    arc(pen, x, y, RIM_RADII.prey + PREY_LINE / 2, PREY_LINE, angle - BRACKET, angle + BRACKET);
  }
}

function arc(
  pen: Pen,
  x: number,
  y: number,
  radius: number,
  width: number,
  from = 0,
  to = Math.PI * 2,
): void {
  pen.strokeStyle = '#ffffff';
  pen.lineWidth = width;
  pen.lineCap = 'round';
  pen.beginPath();
  pen.arc(x, y, radius, from, to);
  pen.stroke();
}

function at(x: number, y: number, radius: number, angle: number): [number, number] {
  return [x + Math.cos(angle) * radius, y + Math.sin(angle) * radius];
}
