/**
 * Makes tones by Web Audio, behind one volume and a limiter. It exists from the player's first press
 * on, because browsers let no page sound before; it sleeps while nobody would hear it.
 */

import { SOUNDS, type SoundName, type Tone } from './sounds.ts';

/** Tones at once; one more is left out. */
const MOST_TONES = 24;

/** How long a tone takes to come, in seconds; without it one hears a click. */
const ATTACK = 0.006;

/** What counts as silence where a fade must not reach zero. */
const SILENCE = 0.0001;

/** Seconds in which the volume goes to another. */
const SLEW = 0.03;

/** The noise that is played over and over, in seconds. */
const NOISE_LENGTH = 1;

/** The sound's source. */
export class SoundEngine {
  private readonly master: GainNode;
  private readonly noise: AudioBuffer;
  private tones = 0;

  /** In a press of the player's only. @throws where the browser has no sound to give. */
  constructor(private readonly context = new AudioContext({ latencyHint: 'interactive' })) {
    this.master = context.createGain();
    this.master.gain.value = 0;
    const limiter = context.createDynamicsCompressor();
    limiter.threshold.value = -12;
    limiter.knee.value = 6;
    limiter.ratio.value = 16;
    limiter.attack.value = 0.002;
    limiter.release.value = 0.12;
    this.master.connect(limiter).connect(context.destination);
    this.noise = makeNoise(context);
  }

  get isAwake(): boolean {
    return this.context.state === 'running';
  }

  /** 0 to 1, as the player has it; the ear wants the square. */
  setVolume(volume: number): void {
    this.master.gain.setTargetAtTime(volume * volume, this.context.currentTime, SLEW);
  }

  /** Wakes or sleeps. A browser that wants another press first is asked again at that. */
  setAwake(isAwake: boolean): void {
    const done = isAwake ? this.context.resume() : this.context.suspend();
    done.catch(() => undefined);
  }

  /** Plays a sound at this many times its pitch and its gain. */
  play(name: SoundName, pitch: number, gain: number): void {
    if (!this.isAwake) {
      return;
    }
    for (const tone of SOUNDS[name]) {
      this.start(tone, pitch, gain);
    }
  }

  private start(tone: Tone, pitch: number, gain: number): void {
    if (this.tones >= MOST_TONES) {
      return;
    }
    const { context } = this;
    const begin = context.currentTime + tone.at;
    const end = begin + tone.length;
    const fade = context.createGain();
    fade.gain.setValueAtTime(SILENCE, begin);
    fade.gain.linearRampToValueAtTime(tone.gain * gain, begin + ATTACK);
    fade.gain.exponentialRampToValueAtTime(SILENCE, end);
    fade.connect(this.master);
    const source =
      tone.wave === 'noise'
        ? this.noiseThrough(tone, pitch, begin, end, fade)
        : this.oscillator(tone.wave, tone, pitch, begin, end, fade);
    this.tones += 1;
    source.onended = () => {
      this.tones -= 1;
      fade.disconnect();
    };
    source.start(begin);
    source.stop(end + ATTACK);
  }

  private oscillator(
    wave: OscillatorType,
    tone: Tone,
    pitch: number,
    begin: number,
    end: number,
    into: AudioNode,
  ): AudioScheduledSourceNode {
    const source = this.context.createOscillator();
    source.type = wave;
    glide(source.frequency, tone, pitch, begin, end);
    source.connect(into);
    return source;
  }

  private noiseThrough(
    tone: Tone,
    pitch: number,
    begin: number,
    end: number,
    into: AudioNode,
  ): AudioScheduledSourceNode {
    const source = this.context.createBufferSource();
    source.buffer = this.noise;
    source.loop = true;
    const filter = this.context.createBiquadFilter();
    filter.type = 'lowpass';
    glide(filter.frequency, tone, pitch, begin, end);
    source.connect(filter).connect(into);
    return source;
  }
}

function glide(of: AudioParam, tone: Tone, pitch: number, begin: number, end: number): void {
  of.setValueAtTime(tone.from * pitch, begin);
  of.exponentialRampToValueAtTime(tone.to * pitch, end);
}

function makeNoise(context: AudioContext): AudioBuffer {
  const length = Math.round(context.sampleRate * NOISE_LENGTH);
  const buffer = context.createBuffer(1, length, context.sampleRate);
  const samples = buffer.getChannelData(0);
  for (let i = 0; i < length; i += 1) {
    samples[i] = Math.random() * 2 - 1;
  }
  return buffer;
}
