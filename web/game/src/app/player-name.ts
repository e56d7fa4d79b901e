/** Names of players: cleaned, cut to what the wire carries, invented where none is given. */

import { MAX_NAME_BYTES } from '../model/events.ts';

/** Most characters that the server takes. */
const MAX_CHARACTERS = 16;

/** What the server refuses: control characters, and those that nobody sees or that turn text (`name.rs` has the list). */
const NOT_SHOWABLE =
  /\u034f|[\u17b4-\u17b5]|[\u180b-\u180f]|[\ufe00-\ufe0e]|\u{16fe4}|[\p{Cc}\p{Cf}\u115f\u1160\u2028\u2029\u2065\u2800\u3164\uffa0\ufff0-\ufffb\u{1d159}\u{e0000}-\u{e0fff}]/gu;

/** An emoji's selector behind what is no symbol, marks on nothing, and those over the third on a letter. */
const STRAY = /(?<!\p{S})\ufe0f|^[\p{Mn}\p{Me}]+|(?<=[\p{Mn}\p{Me}]{3})[\p{Mn}\p{Me}]+/gu;

const STORAGE_KEY = 'battle-circles.name';

const MOODS = ['Calm', 'Brisk', 'Sly', 'Bold', 'Merry', 'Quiet', 'Swift', 'Lucky'] as const;
const ANIMALS = ['Newt', 'Otter', 'Heron', 'Carp', 'Toad', 'Teal', 'Pike', 'Vole'] as const;

/** A name without needless space or what the server refuses, cut between characters. */
export function cleanName(name: string): string {
  const encoder = new TextEncoder();
  let clean = '';
  let bytes = 0;
  let characters = 0;
  for (const character of showable(name)) {
    bytes += encoder.encode(character).length;
    characters += 1;
    if (bytes > MAX_NAME_BYTES || characters > MAX_CHARACTERS) {
      break;
    }
    clean += character;
  }
  return clean.trim();
}

function showable(name: string): string {
  const seen = name.replace(/\s+/gu, ' ').replace(NOT_SHOWABLE, '').trim();
  return seen.replace(STRAY, '').trim();
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

/**
 * The name to play with: what is typed, or else the one that was drawn. It is kept as if it had been
 * typed, because each join renames the player.
 */
export function settleName(typed: string, drawn: string): string {
  const given = cleanName(typed);
  const name = given === '' ? drawn : given;
  rememberName(name);
  return name;
}

/** Keeps a name for the next visit, where the browser lets it. */
export function rememberName(name: string): void {
  try {
    localStorage.setItem(STORAGE_KEY, name);
  } catch {
    // Private modes refuse storage; the name is then asked for anew.
  }
}
