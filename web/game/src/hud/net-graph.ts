/** What the link does, as a verdict, a time line and figures; opened by the badge. */

import type { Stats } from '@battle-circles/sdk';
import { element, setText } from './dom.ts';
import { type Figure, figures } from './figures.ts';
import type { LinkHistory } from './link-history.ts';
import { NetPlot } from './net-plot.ts';
import { saveNetwork, saveSight } from './save-recording.ts';
import type { Verdict } from './verdict.ts';

/** Numbers that change more often than this can't be read, in milliseconds. */
const FIGURES_INTERVAL = 500;

interface Row {
  readonly name: HTMLElement;
  readonly value: HTMLElement;
  readonly meaning: HTMLElement;
}

/** The panel above the badge. */
export class NetGraph {
  readonly root = element('section', 'panel net-graph');
  private readonly plot = new NetPlot();
  private readonly word = element('strong', 'net-graph-word');
  private readonly verdict = element('span', 'net-graph-verdict-text');
  private readonly judgement = element('p', 'net-graph-verdict');
  private readonly list = element('dl', 'net-graph-rows');
  private readonly rows: Row[] = [];
  private figuresAt = Number.NEGATIVE_INFINITY;

  /** `recording` gives what the network did, as CSV; `sight` what the screen has shown. */
  constructor(
    onClose: () => void,
    recording: () => string,
    sight: () => Promise<Uint8Array<ArrayBuffer> | undefined>,
  ) {
    this.root.id = 'net-graph';
    this.root.hidden = true;
    this.root.setAttribute('aria-label', 'Net graph');
    this.judgement.append(element('i', 'net-graph-sign'), this.word, ' ', this.verdict);
    const saves = [saveNetwork(recording).root, saveSight(sight).root];
    const head = this.head(onClose, saves);
    const scroll = element('div', 'net-graph-scroll');
    scroll.append(this.list);
    this.root.append(head, this.judgement, this.plot.root, legend(), scroll);
  }

  get isOpen(): boolean {
    return !this.root.hidden;
  }

  setOpen(isOpen: boolean): void {
    this.root.hidden = !isOpen;
    this.figuresAt = Number.NEGATIVE_INFINITY;
  }

  /** Shows how things are; `now` in milliseconds. To be called some ten times a second. */
  update(stats: Stats, history: LinkHistory, verdict: Verdict, now: number): void {
    if (!this.isOpen) {
      return;
    }
    this.plot.draw(history);
    const isNewLevel = this.judgement.getAttribute('data-level') !== verdict.level;
    if (!isNewLevel && now - this.figuresAt < FIGURES_INTERVAL) {
      return;
    }
    this.figuresAt = now;
    this.judgement.setAttribute('data-level', verdict.level);
    setText(this.word, `${verdict.word}.`);
    setText(this.verdict, verdict.text);
    for (const [index, figure] of figures(stats).entries()) {
      this.show(this.rows[index] ?? this.addRow(), figure);
    }
  }

  private head(onClose: () => void, saves: readonly HTMLElement[]): HTMLElement {
    const head = element('header', 'net-graph-head');
    const explain = element('button', 'icon-button net-graph-explain', '?');
    explain.type = 'button';
    explain.setAttribute('aria-label', 'Explain the figures');
    explain.setAttribute('aria-pressed', 'false');
    explain.addEventListener('click', () => {
      const isExplained = this.root.classList.toggle('is-explained');
      explain.setAttribute('aria-pressed', String(isExplained));
    });
    const close = element('button', 'icon-button', '×');
    close.type = 'button';
    close.setAttribute('aria-label', 'Close the net graph');
    close.addEventListener('click', onClose);
    head.append(element('h2', 'net-graph-title', 'Your connection'), ...saves, explain, close);
    return head;
  }

  private addRow(): Row {
    const name = element('dt', 'net-graph-label');
    const value = element('dd', 'net-graph-value');
    const meaning = element('dd', 'net-graph-meaning');
    const cell = element('div', 'net-graph-row');
    cell.append(name, value, meaning);
    this.list.append(cell);
    const row = { name, value, meaning };
    this.rows.push(row);
    return row;
  }

  private show(row: Row, figure: Figure): void {
    setText(row.name, figure.name);
    setText(row.value, figure.value);
    setText(row.meaning, figure.meaning);
  }
}

/** What the plot's marks mean, between the two ends of its time. */
function legend(): HTMLElement {
  const made = element('p', 'net-graph-legend');
  made.append(
    element('span', '', '20 s ago'),
    element('span', 'net-graph-key is-age', 'age'),
    element('span', 'net-graph-key is-late', 'late'),
    element('span', 'net-graph-key is-starved', 'no news'),
    element('span', 'net-graph-key is-lost', 'lost'),
    element('span', '', 'now'),
  );
  return made;
}
