/** The buttons that save what the network did and what was seen, as files for whoever looks into it. */

import { download, element } from './dom.ts';
import { recordingName } from './format.ts';

const CONFIRM_TIME = 1_800;

/** A button that saves what `read` gives; where that is nothing, it says so. */
export class SaveButton {
  readonly root: HTMLButtonElement;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly label: string,
    title: string,
    private readonly extension: string,
    private readonly read: () => Promise<Blob | undefined>,
  ) {
    this.root = element('button', 'save-recording', label);
    this.root.type = 'button';
    this.root.title = title;
    this.root.addEventListener('click', () => void this.save());
  }

  private async save(): Promise<void> {
    const blob = await this.read();
    if (blob !== undefined) {
      download(recordingName(new Date(), this.extension), blob);
    }
    this.root.textContent = blob === undefined ? 'Nothing recorded yet' : 'Saved';
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.root.textContent = this.label;
    }, CONFIRM_TIME);
  }
}

/** `read` gives the recording as CSV. */
export function saveNetwork(read: () => string): SaveButton {
  const title = 'The network’s delay and loss over the last ten minutes, as a file';
  return new SaveButton('Save recording', title, 'csv', async () => {
    const csv = read();
    const [, firstRow = ''] = csv.split('\n', 2);
    return firstRow === '' ? undefined : new Blob([csv], { type: 'text/csv' });
  });
}

/** `read` gives what the screen has shown. */
export function saveSight(read: () => Promise<Uint8Array<ArrayBuffer> | undefined>): SaveButton {
  const title = 'What your screen showed over the last five minutes, as a file for a replay';
  return new SaveButton('Save what I saw', title, 'bcsight', async () => {
    const bytes = await read();
    return bytes && new Blob([bytes], { type: 'application/octet-stream' });
  });
}
