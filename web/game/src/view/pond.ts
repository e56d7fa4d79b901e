/**
 * The water, the boundary's ring and the hatching outside it, in one opaque pass over the screen:
 * no blending, no second layer, so that a phone's fill rate is spent once.
 */

import { Geometry, GlProgram, Mesh, Shader, UniformGroup } from 'pixi.js';
import type { Camera } from './camera.ts';
import { bakeCaustics } from './caustics.ts';

const VERTEX = `#version 300 es
in vec2 aPosition;
out vec2 vScreen;
void main() {
  vScreen = aPosition;
  gl_Position = vec4(aPosition, 0.0, 1.0);
}
`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec2 vScreen;
out vec4 finalColor;
uniform vec2 uCamera;
uniform vec2 uHalf;
uniform float uPixel;
uniform float uBoundary;
uniform float uNext;
uniform float uTime;
uniform float uAlarm;
uniform float uSwell;
uniform sampler2D uCaustics;

const vec3 HEART = vec3(0.076, 0.290, 0.335);
const vec3 SHORE = vec3(0.046, 0.176, 0.228);
const vec3 OUTSIDE = vec3(0.022, 0.044, 0.064);
const vec3 RING = vec3(0.56, 0.96, 0.90);
const vec3 DANGER = vec3(1.0, 0.45, 0.33);

// Two slow sines crossed: broad, calm swells.
float swell(vec2 p) {
  vec2 q = p * 0.0042;
  float a = sin(q.x * 1.3 + q.y * 0.7 + uTime * 0.11 + 1.7 * sin(q.y * 0.9 - uTime * 0.07));
  float b = sin(q.y * 1.5 - q.x * 0.6 - uTime * 0.09 + 1.5 * sin(q.x * 1.1 + uTime * 0.06));
  return a * b;
}

// Two nets of light that move over each other: bright where their lines meet.
float caustics(vec2 p) {
  float a = texture(uCaustics, p * 0.00185 + vec2(uTime * 0.011, uTime * 0.006)).r;
  float b = texture(uCaustics, p.yx * 0.00143 + vec2(-uTime * 0.008, uTime * 0.009) + 0.37).r;
  return a * b + 0.22 * (a + b);
}

void main() {
  vec2 world = uCamera + vec2(vScreen.x, -vScreen.y) * uHalf;
  float distance = length(world);
  float way = (distance - uBoundary) / uPixel;
  float centre = clamp(distance / 1500.0, 0.0, 1.0);
  vec3 water = mix(HEART, SHORE, centre * (2.0 - centre));
  if (uSwell > 0.5) {
    water += vec3(0.010, 0.026, 0.028) * smoothstep(0.25, 0.95, swell(world));
    water += vec3(0.050, 0.118, 0.112) * caustics(world) * (1.0 - 0.45 * centre);
  }

  float stripe = abs(fract((world.x + world.y) / 34.0) - 0.5) * 34.0;
  float hatch = smoothstep(uPixel, 0.0, stripe - 1.6);
  float nearby = exp(-max(way, 0.0) / 260.0);
  vec3 ringColour = mix(RING, DANGER, uAlarm);
  vec3 barren = OUTSIDE + ringColour * hatch * (0.05 + 0.17 * nearby);

  vec3 colour = mix(water, barren, smoothstep(-0.7, 0.7, way));
  float edge = abs(way);
  float ring = smoothstep(2.6, 1.2, edge) + 0.34 * exp(-edge * 0.11) + 0.10 * exp(-edge * 0.022);
  colour += ringColour * min(ring, 1.15) * 0.9;

  float goal = abs(distance - uNext) / uPixel;
  float dashes = floor(uNext * 0.0698);
  float angle = atan(world.y, world.x) * dashes;
  float dash = smoothstep(-0.1, 0.1, sin(angle));
  colour += RING * smoothstep(1.6, 0.6, goal) * dash * 0.30 * step(1.0, uNext);
  finalColor = vec4(colour, 1.0);
}
`;

/** The pond's ground. Add {@link Pond.mesh} below everything else. */
export class Pond {
  readonly mesh: Mesh<Geometry, Shader>;
  private readonly uniforms = new UniformGroup({
    uCamera: { value: new Float32Array(2), type: 'vec2<f32>' },
    uHalf: { value: new Float32Array(2), type: 'vec2<f32>' },
    uPixel: { value: 1, type: 'f32' },
    uBoundary: { value: 1600, type: 'f32' },
    uNext: { value: 0, type: 'f32' },
    uTime: { value: 0, type: 'f32' },
    uAlarm: { value: 0, type: 'f32' },
    uSwell: { value: 1, type: 'f32' },
  });

  constructor() {
    const caustics = bakeCaustics();
    this.mesh = new Mesh({
      geometry: new Geometry({
        attributes: { aPosition: [-1, -1, 1, -1, 1, 1, -1, 1] },
        indexBuffer: [0, 1, 2, 0, 2, 3],
      }),
      shader: new Shader({
        glProgram: GlProgram.from({ vertex: VERTEX, fragment: FRAGMENT, name: 'pond' }),
        resources: { pond: this.uniforms, uCaustics: caustics, uCausticsSampler: caustics.style },
      }),
    });
    this.mesh.state.blend = false;
    this.mesh.cullable = false;
  }

  /** Whether the water shows its swell and its light; leaving them out is cheaper. */
  setSwell(hasSwell: boolean): void {
    this.uniforms.uniforms.uSwell = hasSwell ? 1 : 0;
  }

  /**
   * Sets what is shown: the ring at `boundary`, a dashed one where it goes next (0 for none), in
   * world pixels; `time` in seconds moves the water; `alarm` from 0 to 1 reddens the ring.
   */
  update(camera: Camera, boundary: number, next: number, time: number, alarm: number): void {
    const values = this.uniforms.uniforms;
    values.uCamera[0] = camera.x;
    values.uCamera[1] = camera.y;
    values.uHalf[0] = camera.width / 2 / camera.scale;
    values.uHalf[1] = camera.height / 2 / camera.scale;
    values.uPixel = 1 / camera.scale;
    values.uBoundary = boundary;
    values.uNext = next;
    values.uTime = time;
    values.uAlarm = alarm;
    this.uniforms.update();
  }
}
