/** The button that copies a link to this room. */

import { element } from './dom.ts';

const CONFIRM_TIME = 1_800;

/** The button at the bottom right. */
export class Invite {
  readonly root = element('button', 'panel invite');
  private readonly label = element('span', 'invite-label', 'Invite');
  private link = '';
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.root.type = 'button';
    this.root.setAttribute('aria-label', 'Copy link to invite');
    this.root.title = 'Copy link to invite';
    this.root.append(element('span', 'invite-icon'), this.label);
    this.root.addEventListener('click', () => void this.copy());
  }

  /** The link that is copied from now on. */
  setLink(link: string): void {
    this.link = link;
  }

  private async copy(): Promise<void> {
    const isCopied = await copyText(this.link);
    this.label.textContent = isCopied ? 'Link copied' : this.link;
    this.root.classList.add('is-open');
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        this.label.textContent = 'Invite';
        this.root.classList.remove('is-open');
      },
      isCopied ? CONFIRM_TIME : CONFIRM_TIME * 4,
    );
  }
}

/** Puts a text on the clipboard; `false` where the browser doesn't let it (no secure page). */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
