/** Waits for the typeface, because names are drawn once; but not long, and not in vain. */

/** A typeface that takes longer than this is not waited for, in milliseconds. */
const PATIENCE = 1_000;

export async function typeface(): Promise<void> {
  const loading = document.fonts.load('600 16px "Outfit Variable"').catch(() => undefined);
  await Promise.race([loading, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
}
