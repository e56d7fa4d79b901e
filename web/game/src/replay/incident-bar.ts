/** What a player saw beside what the server knew: how far the two are apart, and what is drawn of them. */

import { element, setText } from '../hud/dom.ts';
import { segmented } from '../players/segmented.ts';
import type { Look, Offsets } from './incident.ts';
import type { Player } from './player.ts';

/** The bar over the picture while there is an incident. */
export class IncidentBar {
  readonly root = element('section', 'panel incident');
  private readonly line = element('p', 'incident-line');
  private readonly name: string;

  /** `onClose` takes what the player saw away. */
  constructor(player: Player, name: string, onClose: () => void) {
    this.name = name === '' ? 'The player' : name;
    this.root.setAttribute('aria-label', 'What the player saw');
    const close = element('button', 'icon-button', '×');
    close.type = 'button';
    close.setAttribute('aria-label', 'Take away what the player saw');
    close.addEventListener('click', onClose);
    const head = element('div', 'incident-head');
    head.append(this.line, close);
    const choices = element('div', 'incident-choices');
    choices.append(sides(player), alignments(player));
    this.root.append(head, choices);
  }

  update({ look, offsets }: Pick<Player, 'look' | 'offsets'>): void {
    setText(this.line, incidentLine(this.name, look, offsets));
  }
}

/** How what was seen differs from what there was, in one line. */
export function incidentLine(
  name: string,
  look: Look | undefined,
  offsets: Offsets | undefined,
): string {
  if (look === undefined || offsets === undefined) {
    return `${name}’s file has nothing from this moment.`;
  }
  const { age, own, others } = offsets;
  const pixels = [
    own === undefined ? '' : `own circle ${Math.round(own)} px off`,
    others === undefined ? '' : `others up to ${Math.round(others)} px`,
  ];
  const still = look.row.isFrozen ? ', picture standing still' : '';
  const guessed = look.row.isExtrapolated && !look.row.isFrozen ? ', guessed on' : '';
  return [`${name} saw others ${Math.round(age)} ms late${still}${guessed}`, ...pixels]
    .filter((part) => part !== '')
    .join(' · ');
}

function sides(player: Player): HTMLElement {
  const segments = [
    { value: 'both', label: 'Both' },
    { value: 'server', label: 'Server' },
    { value: 'player', label: 'Screen' },
  ] as const;
  return segmented('What is drawn', segments, (side) => {
    player.side = side;
    player.playback.seek(player.playback.tick);
  });
}

function alignments(player: Player): HTMLElement {
  const segments = [
    { value: 'moment', label: 'Same moment' },
    { value: 'tick', label: 'Same tick' },
  ] as const;
  return segmented('Which of the server’s states', segments, (alignment) => {
    player.alignment = alignment;
  });
}
