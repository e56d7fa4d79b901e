/**
 * A game's adapter that never throws anything but a `DecodeError`, so that a mistake of the game's
 * costs a snapshot, an input or a step, and neither a link nor the session. Each is reported.
 */

import type { GameAdapter, PredictionRule } from './adapter.ts';
import type { ReportError } from './error-reporter.ts';
import { DecodeError } from './protocol/codec.ts';
import { MAX_INPUT } from './protocol/limits.ts';

/** Where a figure stands whose place isn't known. */
const ORIGIN = { x: 0, y: 0 };

/** The same game, guarded. */
export function guarded<View, Input, Own>(
  adapter: GameAdapter<View, Input, Own>,
  report: ReportError,
): GameAdapter<View, Input, Own> {
  const { prediction } = adapter;
  return {
    emptyView: adapter.emptyView,
    neutralInput: adapter.neutralInput,
    decodeDelta: (reader, baseline, reuse, context) => {
      try {
        return adapter.decodeDelta(reader, baseline, reuse, context);
      } catch (error) {
        if (error instanceof DecodeError) {
          throw error;
        }
        report('decode-failed', `decodeDelta threw ${String(error)}`);
        throw new DecodeError('malformed', String(error));
      }
    },
    encodeInput: (writer, input) => {
      const before = writer.length;
      try {
        adapter.encodeInput(writer, input);
        checkSize(writer.length - before);
      } catch (error) {
        report('encode-failed', `encodeInput threw ${String(error)}`);
        adapter.encodeInput(writer.truncate(before), adapter.neutralInput);
      }
    },
    repeatInput: (input) => {
      try {
        return adapter.repeatInput === undefined ? input : adapter.repeatInput(input);
      } catch (error) {
        report('encode-failed', `repeatInput threw ${String(error)}`);
        return input;
      }
    },
    joinInputs: (unused, newest) => {
      try {
        return adapter.joinInputs === undefined ? newest : adapter.joinInputs(unused, newest);
      } catch (error) {
        report('encode-failed', `joinInputs threw ${String(error)}`);
        return newest;
      }
    },
    ...(adapter.foresight !== undefined && { foresight: adapter.foresight }),
    ...(prediction && { prediction: guardedRule(prediction, report) }),
  };
}

/** An input that fills a datagram by itself would never leave. */
function checkSize(bytes: number): void {
  if (bytes > MAX_INPUT) {
    throw new RangeError(`an input of ${bytes} bytes is over ${MAX_INPUT}`);
  }
}

function guardedRule<View, Input, Own>(
  rule: PredictionRule<View, Input, Own>,
  report: ReportError,
): PredictionRule<View, Input, Own> {
  const failed = (name: string, error: unknown) =>
    report('prediction-failed', `prediction.${name} threw ${String(error)}`);
  return {
    ...rule,
    own: (view) => {
      try {
        return rule.own(view);
      } catch (error) {
        failed('own', error);
        return undefined;
      }
    },
    step: (own, input, tick) => {
      try {
        return rule.step(own, input, tick);
      } catch (error) {
        failed('step', error);
        return own;
      }
    },
    position: (own) => {
      try {
        return rule.position(own);
      } catch (error) {
        failed('position', error);
        return ORIGIN;
      }
    },
  };
}
