/**
 * The picture: puts pond, lilies, knibbles, circles, effects and names together and draws one frame
 * from a {@link Frame}. It knows neither the network nor the HUD.
 */

import 'pixi.js/unsafe-eval';
import { Container, Sprite, WebGLRenderer } from 'pixi.js';
import { Frame } from '../model/frame.ts';
import { Camera } from './camera.ts';
import { CircleLayer, sizeAt } from './circles.ts';
import { Effects } from './effects.ts';
import { KnibbleLayer } from './knibbles.ts';
import { arrowDistance } from './label-layout.ts';
import { LabelLayer } from './labels.ts';
import { createLilies } from './lilies.ts';
import { circleColour, DEEP, knibbleColour, LIGHT } from './palette.ts';
import { Plankton } from './plankton.ts';
import { Pond } from './pond.ts';
import { Quality } from './quality.ts';
import { screenScale } from './screen-scale.ts';
import { bakeTextures, type Textures } from './textures.ts';
import { ThreatLayer } from './threats.ts';
import { Victory } from './victory.ts';
import { Wakes } from './wakes.ts';

/** Sharper than this costs more than it shows. */
const MOST_RESOLUTION = 2;

/** Radius of a circle for which a knibble is a hearty meal, in world pixels. */
const KNIBBLE_MEAL = 7;

/** The camera's name for the predicted own circle, which is elsewhere than the interpolated one. */
const OWN_TARGET = -1;

/** What a frame is drawn with, besides the frame itself. */
export interface SceneState {
  ownSeat: number;
  /** World pixels. */
  boundary: number;
  /** Where the boundary goes next; 0 for nowhere. */
  nextBoundary: number;
  /** 0 to 1: reddens the ring while the player is outside. */
  alarm: number;
  /** The steering, for the arrow beside the own circle; 0 to 127. */
  steerX: number;
  steerY: number;
  /** Radius of the pond where all of it is to be in the picture, in place of a circle. */
  reach?: number | undefined;
}

/** The renderer and everything in it. */
export class Scene {
  readonly camera = new Camera();
  /** Told of each knibble that is seen to be eaten, with the eater's seat. */
  onKnibbleEaten: ((seat: number) => void) | undefined;
  private readonly stage = new Container();
  private readonly world = new Container();
  private readonly pond = new Pond();
  private readonly knibbles: KnibbleLayer;
  private readonly circles: CircleLayer;
  private readonly effects: Effects;
  private readonly labels: LabelLayer;
  private readonly arrow: Sprite;
  private readonly plankton: Plankton;
  private readonly wakes: Wakes;
  private readonly victory: Victory;
  private readonly threats: ThreatLayer;
  private readonly quality = new Quality();
  private ownSeat = 0;
  private time = 0;

  private constructor(
    private readonly renderer: WebGLRenderer,
    private readonly textures: Textures,
    private isCalm: boolean,
  ) {
    this.plankton = new Plankton(textures);
    this.wakes = new Wakes(textures);
    this.victory = new Victory(textures);
    this.threats = new ThreatLayer(textures);
    this.knibbles = new KnibbleLayer(textures);
    this.circles = new CircleLayer(textures);
    this.effects = new Effects(textures, isCalm);
    this.labels = new LabelLayer(textures, fullResolution(), screenScale());
    this.arrow = new Sprite({ texture: textures.chevron, anchor: 0.5, tint: LIGHT, alpha: 0 });
    this.world.addChild(
      createLilies(textures),
      this.plankton.container,
      this.wakes.container,
      this.effects.below,
      this.knibbles.container,
      this.circles.container,
      this.effects.above,
      this.victory.container,
      this.arrow,
    );
    this.stage.addChild(this.pond.mesh, this.world, this.threats.container, this.labels.container);
    this.setCalm(isCalm);
  }

  /**
   * Makes a scene that draws into `canvas`. `isCalm` leaves out what only moves for beauty.
   *
   * @throws when the browser has no WebGL.
   */
  static async create(canvas: HTMLCanvasElement, isCalm: boolean): Promise<Scene> {
    const renderer = new WebGLRenderer();
    await renderer.init({
      canvas,
      width: canvas.clientWidth,
      height: canvas.clientHeight,
      resolution: fullResolution(),
      autoDensity: false,
      antialias: false,
      background: DEEP,
      clearBeforeRender: false,
      powerPreference: 'high-performance',
      preferWebGLVersion: 2,
      // Events, accessibility and filters of the library have no use here: the HUD is of elements.
      skipExtensionImports: true,
    });
    return new Scene(renderer, bakeTextures(), isCalm);
  }

  /** Draws an empty pond, so that shaders are compiled and textures are sent before they count. */
  warmUp(): void {
    const nothing = { ownSeat: 0, boundary: 0, nextBoundary: 0, alarm: 0, steerX: 0, steerY: 0 };
    this.draw(new Frame(), nothing, 0);
    this.render();
  }

  /** Takes on the canvas's new size, in CSS pixels. */
  resize(width: number, height: number): void {
    this.camera.resize(width, height);
    this.applyQuality();
  }

  /** Gives a seat's circle its name, and says whether a bot has it. */
  setName(seat: number, name: string, isBot: boolean): void {
    this.labels.setName(seat, name, isBot);
  }

  /** Shows a circle's end: it goes into `eater`'s, or withers. */
  showEaten(frame: Frame, victim: number, eater: number | undefined): void {
    const radius = this.circles.shownRadius[victim] as number;
    if (this.circles.presence[victim] === 0) {
      return;
    }
    const x = frame.x[victim] as number;
    const y = frame.y[victim] as number;
    const colour = circleColour(victim, this.ownSeat);
    const presence = this.circles.presence[victim] as number;
    this.circles.remove(victim);
    this.effects.swallow(x, y, radius * sizeAt(presence), colour, presence, eater ?? -1);
    this.effects.burst(x, y, radius, colour, 18, 190);
    this.effects.ripple(x, y, radius, radius * 3 + 60, 1.1, 0.5);
    if (eater !== undefined && !this.isCalm) {
      this.circles.pulse(eater, 1);
    }
  }

  /** Shows that a circle has won. */
  celebrate(frame: Frame, seat: number): void {
    if (!this.isCalm && frame.has(seat)) {
      const radius = this.circles.shownRadius[seat] as number;
      this.victory.celebrate(frame.x[seat] as number, frame.y[seat] as number, radius);
    }
  }

  /** Whether to leave out what only moves for beauty, from now on. */
  setCalm(isCalm: boolean): void {
    this.isCalm = isCalm;
    this.effects.isCalm = isCalm;
    this.knibbles.isCalm = isCalm;
    if (isCalm) {
      this.wakes.clear();
      this.victory.end();
    }
  }

  /** The next frame is looked at from its own place at once, without a way there. */
  cut(): void {
    this.camera.cut();
    this.victory.end();
  }

  /** The next frame doesn't follow from the last one: nothing that vanishes was eaten. */
  leap(): void {
    this.camera.cut();
    this.knibbles.leap();
    this.circles.leap();
    this.wakes.clear();
  }

  /** Puts what `make` makes over the circles, in world pixels. */
  addOver<Layer extends { readonly container: Container }>(
    make: (textures: Textures) => Layer,
  ): Layer {
    const layer = make(this.textures);
    this.world.addChild(layer.container);
    return layer;
  }

  /** Draws `frame`, `dt` seconds after the last one. */
  draw(frame: Frame, state: SceneState, dt: number): void {
    this.time += this.isCalm ? 0 : dt;
    if (this.quality.observe(dt)) {
      this.applyQuality();
    }
    this.ownSeat = state.ownSeat;
    this.circles.update(frame, state.ownSeat, dt);
    const focus = frame.focus;
    if (state.reach !== undefined) {
      this.camera.overlook(state.reach, dt);
    } else if (frame.has(focus)) {
      const radius = this.circles.shownRadius[focus] as number;
      const target = frame.hasOwn ? OWN_TARGET : focus;
      this.camera.follow(target, frame.x[focus] as number, frame.y[focus] as number, radius, dt);
    }
    const { camera, world } = this;
    world.scale.set(camera.scale);
    world.position.set(camera.toScreenX(0), camera.toScreenY(0));
    this.pond.update(camera, state.boundary, state.nextBoundary, this.time, state.alarm);
    this.knibbles.update(frame, state.ownSeat, camera.scale, dt, this.showKnibbleEaten);
    this.plankton.update(camera, this.time);
    if (!this.isCalm) {
      this.wakes.update(frame, this.circles, dt);
    }
    this.effects.update(frame, dt);
    this.victory.update(dt);
    this.threats.update(frame, state.ownSeat, camera);
    this.labels.update(frame, this.circles, camera);
    this.pointArrow(frame, state);
  }

  /** Sends the frame drawn to the screen. */
  render(): void {
    this.renderer.render(this.stage);
  }

  dispose(): void {
    this.stage.destroy({ children: true });
    this.renderer.destroy();
  }

  private applyQuality(): void {
    const resolution = this.quality.resolution(fullResolution());
    this.pond.setSwell(this.quality.isFine);
    this.plankton.container.visible = this.quality.isFine;
    this.renderer.resize(this.camera.width, this.camera.height, resolution);
  }

  private readonly showKnibbleEaten = (slot: number, x: number, y: number, seat: number): void => {
    this.onKnibbleEaten?.(seat);
    this.effects.burst(x, y, 3, knibbleColour(slot), 4, 80);
    if (!this.isCalm) {
      this.circles.pulse(seat, KNIBBLE_MEAL / (this.circles.shownRadius[seat] as number));
    }
  };

  private pointArrow(frame: Frame, state: SceneState): void {
    const throttle = Math.hypot(state.steerX, state.steerY) / 127;
    if (!frame.hasOwn || throttle < 0.05) {
      this.arrow.alpha = 0;
      return;
    }
    const seat = state.ownSeat;
    const angle = Math.atan2(state.steerY, state.steerX);
    const scale = this.camera.scale / this.labels.zoom;
    const radius = (this.circles.shownRadius[seat] as number) * scale;
    const nameWidth = this.labels.widthBelow(seat);
    const away = arrowDistance(angle, radius * 1.12 + 15, radius, nameWidth) / scale;
    this.arrow.alpha = 0.25 + 0.5 * throttle;
    this.arrow.rotation = angle;
    this.arrow.scale.set(0.42 / scale);
    this.arrow.position.set(
      (frame.x[seat] as number) + Math.cos(angle) * away,
      (frame.y[seat] as number) + Math.sin(angle) * away,
    );
  }
}

function fullResolution(): number {
  return Math.min(MOST_RESOLUTION, window.devicePixelRatio);
}
