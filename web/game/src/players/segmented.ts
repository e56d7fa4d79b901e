/** A choice of one among few: radio buttons that look like one bar, so that any keyboard knows them. */

import { element } from '../hud/dom.ts';

/** One thing to choose. */
export interface Segment<Value> {
  readonly value: Value;
  readonly label: string;
}

/** Makes the bar; the first segment is chosen. `legend` is for who doesn't see it. */
export function segmented<Value>(
  legend: string,
  segments: readonly Segment<Value>[],
  choose: (value: Value) => void,
): HTMLFieldSetElement {
  const root = element('fieldset', 'segmented');
  root.append(element('legend', 'sr-only', legend));
  for (const [index, { value, label }] of segments.entries()) {
    const input = element('input', 'sr-only');
    input.type = 'radio';
    input.name = legend;
    input.checked = index === 0;
    input.addEventListener('change', () => choose(value));
    const segment = element('label', 'segment');
    segment.append(input, element('span', 'segment-label', label));
    root.append(segment);
  }
  return root;
}
