/**
 * A pond that runs in the page, for looking at the game without a server. It moves by the real rule
 * and eats roughly as the server does; nothing may be concluded from it about the server.
 */

import { Autopilot } from '../input/autopilot.ts';
import { canEat } from '../model/eating.ts';
import { Frame } from '../model/frame.ts';
import { type Motion, type MovementTuning, step, UNITS_PER_PIXEL } from '../model/movement.ts';
import { KNIBBLE_SLOTS, QUARTERS, View } from '../model/view.ts';
import { halfSide } from '../view/camera.ts';

export const TUNING: MovementTuning = {
  speed: 3_479,
  slowest: 260,
  agility: 6,
  wall: 460_800,
  dashPercent: 250,
  dashTicks: 12,
  dashCooldown: 90,
  dashCost: 60,
  dashLeast: 50,
};

const KNIBBLES = 190;

interface Fish extends Motion {
  isAlive: boolean;
  readonly pilot: Autopilot;
  readonly steering: { x: number; y: number };
}

/** All circles and knibbles, stepped sixty times a second. */
export class PretendPond {
  readonly fish: Fish[] = [];
  readonly knibbleX = new Int16Array(KNIBBLE_SLOTS);
  readonly knibbleY = new Int16Array(KNIBBLE_SLOTS);
  boundary: number;
  /** Called when a circle was eaten. */
  onEaten: ((victim: number, eater: number) => void) | undefined;
  private readonly all = new Frame();
  private readonly food = new View();

  constructor(
    private readonly random: () => number,
    players: number,
    boundary: number,
    masses: (seat: number) => number,
  ) {
    this.boundary = boundary;
    for (let slot = 0; slot < KNIBBLES; slot += 1) {
      this.placeKnibble(slot);
    }
    for (let seat = 0; seat < players; seat += 1) {
      const [x, y] = this.placeInside(boundary * 0.8);
      this.fish.push({
        x: x * UNITS_PER_PIXEL,
        y: y * UNITS_PER_PIXEL,
        vx: 0,
        vy: 0,
        mass: masses(seat),
        cooldown: 0,
        isAlive: true,
        pilot: new Autopilot(),
        steering: { x: 0, y: 0 },
      });
    }
  }

  /** One tick. `ownSteering` steers seat 0 where it isn't left to itself. */
  step(ownSteering: { x: number; y: number } | undefined): void {
    this.look();
    for (const [seat, fish] of this.fish.entries()) {
      if (!fish.isAlive) {
        continue;
      }
      if (seat === 0 && ownSteering !== undefined) {
        Object.assign(fish.steering, ownSteering);
      } else {
        fish.pilot.steer(this.all, seat, this.boundary, fish.steering);
      }
      step(fish, { ...fish.steering, dash: false }, TUNING);
      this.eatKnibbles(fish);
    }
    this.eatCircles();
  }

  /** What `seat` sees of it, or whoever it watches. */
  view(seat: number, focus: number, view: View): View {
    const watched = this.fish[focus] as Fish;
    const own = this.fish[seat] as Fish;
    const reach = halfSide(2 * Math.sqrt(watched.mass)) + 60;
    const sees = (x: number, y: number, radius: number): boolean =>
      Math.abs(x - watched.x / UNITS_PER_PIXEL) < reach + radius &&
      Math.abs(y - watched.y / UNITS_PER_PIXEL) < reach + radius;
    view.focus = focus;
    Object.assign(view.own, {
      x: own.x,
      y: own.y,
      vx: own.vx,
      vy: own.vy,
      mass: own.mass,
      cooldown: own.cooldown,
    });
    view.own.present = own.isAlive;
    view.circles = 0;
    for (const [other, fish] of this.fish.entries()) {
      const radius = 2 * Math.sqrt(fish.mass);
      const x = fish.x / UNITS_PER_PIXEL;
      const y = fish.y / UNITS_PER_PIXEL;
      if (fish.isAlive && sees(x, y, radius)) {
        view.circles |= 1 << other;
        view.circleX[other] = Math.round(x * QUARTERS);
        view.circleY[other] = Math.round(y * QUARTERS);
        view.circleRadius[other] = Math.round(radius * QUARTERS);
      }
    }
    for (let slot = 0; slot < KNIBBLES; slot += 1) {
      const x = this.knibbleX[slot] as number;
      const y = this.knibbleY[slot] as number;
      view.knibbles[slot] = sees(x, y, 8) ? 1 : 0;
      view.knibbleX[slot] = x;
      view.knibbleY[slot] = y;
    }
    return view;
  }

  private look(): void {
    this.all.circles = 0;
    for (const [seat, fish] of this.fish.entries()) {
      this.all.circles |= fish.isAlive ? 1 << seat : 0;
      this.all.x[seat] = fish.x / UNITS_PER_PIXEL;
      this.all.y[seat] = fish.y / UNITS_PER_PIXEL;
      this.all.radius[seat] = 2 * Math.sqrt(fish.mass);
    }
    this.food.knibbles.fill(1, 0, KNIBBLES);
    this.food.knibbleX.set(this.knibbleX);
    this.food.knibbleY.set(this.knibbleY);
    this.all.knibbles = this.food;
  }

  private eatKnibbles(fish: Fish): void {
    const radius = 2 * Math.sqrt(fish.mass);
    for (let slot = 0; slot < KNIBBLES; slot += 1) {
      const dx = (this.knibbleX[slot] as number) - fish.x / UNITS_PER_PIXEL;
      const dy = (this.knibbleY[slot] as number) - fish.y / UNITS_PER_PIXEL;
      if (dx * dx + dy * dy < radius * radius) {
        fish.mass += 5;
        this.placeKnibble(slot);
      }
    }
  }

  private eatCircles(): void {
    for (const [seat, eater] of this.fish.entries()) {
      for (const [other, victim] of this.fish.entries()) {
        const reach = 2 * Math.sqrt(eater.mass) * UNITS_PER_PIXEL;
        const isMeal =
          seat !== other &&
          eater.isAlive &&
          victim.isAlive &&
          canEat(Math.sqrt(eater.mass), Math.sqrt(victim.mass)) &&
          Math.hypot(victim.x - eater.x, victim.y - eater.y) < reach;
        if (isMeal) {
          victim.isAlive = false;
          eater.mass += victim.mass;
          this.onEaten?.(other, seat);
        }
      }
    }
  }

  private placeKnibble(slot: number): void {
    const [x, y] = this.placeInside(this.boundary - 20);
    this.knibbleX[slot] = x;
    this.knibbleY[slot] = y;
  }

  private placeInside(radius: number): [number, number] {
    const angle = this.random() * Math.PI * 2;
    const distance = radius * Math.sqrt(this.random());
    return [Math.round(Math.cos(angle) * distance), Math.round(Math.sin(angle) * distance)];
  }
}
