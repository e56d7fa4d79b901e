/**
 * What the player has chosen for good: sound, vibration, a calmer picture. It is kept in the
 * browser; where that is full, forbidden or holds nonsense, the choices last as long as the page.
 */

/** The choices. */
export interface Settings {
  readonly isMuted: boolean;
  /** 0 to 1. */
  readonly volume: number;
  readonly vibrates: boolean;
  /** Without what only moves for beauty, also where the system has no such wish. */
  readonly isCalm: boolean;
}

/** What holds before anything is chosen. */
export const USUAL: Settings = { isMuted: false, volume: 0.7, vibrates: true, isCalm: false };

/** Where it is kept. The number is of the form; another form takes another. */
const KEY = 'battle-circles.settings.1';

/** The part of `Storage` that is used. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem'>;

/** Reads what was kept; whatever makes no sense is as usual. */
export function readSettings(text: string | null): Settings {
  const kept = parse(text);
  const isSet = (name: keyof Settings, usual: boolean): boolean =>
    typeof kept[name] === 'boolean' ? kept[name] : usual;
  const { volume } = kept;
  return {
    isMuted: isSet('isMuted', USUAL.isMuted),
    volume: typeof volume === 'number' ? clamp(volume) : USUAL.volume,
    vibrates: isSet('vibrates', USUAL.vibrates),
    isCalm: isSet('isCalm', USUAL.isCalm),
  };
}

/** The settings of this page. */
export class SettingsStore {
  private settings: Settings;
  private readonly listeners = new Set<(settings: Settings) => void>();

  constructor(private readonly shelf: Shelf | undefined = browserShelf()) {
    this.settings = readSettings(quietly(() => this.shelf?.getItem(KEY)) ?? null);
  }

  get current(): Settings {
    return this.settings;
  }

  /** Chooses anew, and keeps it where that is possible. */
  change(chosen: Partial<Settings>): void {
    const settings = { ...this.settings, ...chosen };
    this.settings = { ...settings, volume: clamp(settings.volume) };
    quietly(() => this.shelf?.setItem(KEY, JSON.stringify(this.settings)));
    for (const listener of this.listeners) {
      listener(this.settings);
    }
  }

  /** Tells of each change from now on, until the answer is called. */
  onChange(listener: (settings: Settings) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function parse(text: string | null): Partial<Record<keyof Settings, unknown>> {
  const value: unknown = quietly(() => JSON.parse(text ?? ''));
  return typeof value === 'object' && value !== null ? value : {};
}

function clamp(volume: number): number {
  return Number.isFinite(volume) ? Math.max(0, Math.min(1, volume)) : USUAL.volume;
}

/** Even to ask for the storage is an error in some browsers' private modes. */
function browserShelf(): Shelf | undefined {
  return quietly(() => window.localStorage);
}

function quietly<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
