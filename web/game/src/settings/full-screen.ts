/** Full screen, where the browser has it; an iPhone's has none for pages. */

/** Whether there is anything to offer. */
export function hasFullScreen(): boolean {
  return document.fullscreenEnabled === true;
}

/** Goes to full screen and back. A browser that refuses leaves everything as it is. */
export async function toggleFullScreen(): Promise<void> {
  try {
    if (document.fullscreenElement === null) {
      await document.documentElement.requestFullscreen({ navigationUI: 'hide' });
    } else {
      await document.exitFullscreen();
    }
  } catch {
    // The page is where it was, and the button says so.
  }
}
