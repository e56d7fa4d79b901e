// Evaluates expressions in a page, at once or until they hold.

// How often a page looks whether an expression holds. A timer, because a hidden page has no animation frames.
const POLL_MS = 20;

/** The value of an expression, awaited; what JSON has no word for (`undefined`, a function) is null. */
export async function evaluate(page, expression) {
  const text = await page.evaluate(`(async () => JSON.stringify(await (${expression})))()`);
  return text === undefined ? null : JSON.parse(text);
}

/**
 * Waits until an expression is truthy, across navigations; one that throws does not hold yet. The wait runs in the
 * page, so that nothing but the page's own time passes between it and the answer.
 */
export async function waitFor(page, expression, timeoutMs) {
  const deadline = performance.now() + timeoutMs;
  let last = "it was never looked at";
  for (;;) {
    const left = deadline - performance.now();
    if (left <= 0) throw timeout(expression, timeoutMs, last);
    try {
      const outcome = JSON.parse(await page.evaluate(polling(expression, left)));
      if (outcome.holds) return true;
      last = outcome.last;
    } catch (error) {
      if (!isNavigation(error)) throw error;
      last = "the page was navigating";
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

function polling(expression, limitMs) {
  return `new Promise((resolve) => {
    const start = performance.now();
    const look = async () => {
      let last;
      try {
        const value = await (${expression});
        if (value) return resolve(JSON.stringify({ holds: true }));
        last = "it was " + JSON.stringify(value);
      } catch (error) {
        last = "it threw " + error;
      }
      if (performance.now() - start > ${limitMs}) return resolve(JSON.stringify({ holds: false, last }));
      setTimeout(look, ${POLL_MS});
    };
    look();
  })`;
}

function timeout(expression, timeoutMs, last) {
  const error = new Error(`not within ${Math.round(timeoutMs)} ms: ${expression} (${last})`);
  error.kind = "timeout";
  return error;
}

// The words of Chromium and Firefox for a page that goes away under an evaluation.
function isNavigation(error) {
  return /context was destroyed|context with specified id|navigat|detached Frame|realm|discarded/i.test(error.message);
}
