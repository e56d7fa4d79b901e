/** The button that saves what the network did, as a file for whoever looks into it. */

import { element } from './dom.ts';
import { recordingName } from './format.ts';

const LABEL = 'Save recording';
const CONFIRM_TIME = 1_800;

/** The button in the net graph. */
export class SaveRecording {
  readonly root = element('button', 'save-recording', LABEL);
  private readonly read: () => string;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `read` gives the recording as CSV. */
  constructor(read: () => string) {
    this.read = read;
    this.root.type = 'button';
    this.root.title = 'The network’s delay and loss over the last ten minutes, as a file';
    this.root.addEventListener('click', () => this.save());
  }

  private save(): void {
    const csv = this.read();
    const [, firstRow = ''] = csv.split('\n', 2);
    if (firstRow !== '') {
      download(recordingName(new Date()), csv);
    }
    this.root.textContent = firstRow === '' ? 'Nothing recorded yet' : 'Saved';
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.root.textContent = LABEL;
    }, CONFIRM_TIME);
  }
}

function download(name: string, csv: string): void {
  const link = element('a', '');
  link.href = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }));
  link.download = name;
  link.click();
  // Some browsers read the file only after this task.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
