/** Names of players: cleaned, cut to what the wire carries, invented where none is given. */

import { MAX_NAME_BYTES } from '../model/events.ts';

/** Most characters that the server takes. */
const MAX_CHARACTERS = 16;

/** What the server refuses: control characters, and those that hide or turn text. */
const NOT_SHOWABLE = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

const STORAGE_KEY = 'battle-circles.name';

const MOODS = ['Calm', 'Brisk', 'Sly', 'Bold', 'Merry', 'Quiet', 'Swift', 'Lucky'] as const;
const ANIMALS = ['Newt', 'Otter', 'Heron', 'Carp', 'Toad', 'Teal', 'Pike', 'Vole'] as const;

/** A name without needless space or what the server refuses, cut between characters. */
export function cleanName(name: string): string {
  const encoder = new TextEncoder();
  let clean = '';
  let bytes = 0;
  let characters = 0;
  for (const character of name.replace(/\s+/gu, ' ').replace(NOT_SHOWABLE, '').trim()) {
    bytes += encoder.encode(character).length;
    characters += 1;
    if (bytes > MAX_NAME_BYTES || characters > MAX_CHARACTERS) {
      break;
    }
    clean += character;
  }
  return clean.trim();
}

/** A name for who gives none; `random` is from 0 to 1. */
export function inventName(random: () => number): string {
  const mood = MOODS[Math.floor(random() * MOODS.length)] ?? MOODS[0];
  const animal = ANIMALS[Math.floor(random() * ANIMALS.length)] ?? ANIMALS[0];
  return `${mood} ${animal}`;
}

/** The name of the last visit; an empty one where there is none or it can't be read. */
export function recallName(): string {
  try {
    return cleanName(localStorage.getItem(STORAGE_KEY) ?? '');
  } catch {
    return '';
  }
}

/** Keeps a name for the next visit, where the browser lets it. */
export function rememberName(name: string): void {
  try {
    localStorage.setItem(STORAGE_KEY, name);
  } catch {
    // Private modes refuse storage; the name is then asked for anew.
  }
}
