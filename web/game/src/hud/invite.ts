/** The button that copies a link to this room. */

import { copyText, element } from './dom.ts';

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
