/** Numbers are what they may be. */
import { first, type Pace, type Steps } from '../../resources/steps.js';
import type { ClusterState } from '../state.js';
import { broken, partsOfMachine, type Violation } from './rule.js';

/** I2: amounts are whole thousandths, 0 or more; so are all times and counters. */
export function* wholeNumbers(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const odd = yield* first(
    state.allocator.agents.walk(),
    pace,
    ({ id, total, free, held }) => {
      for (const part of [total, free, ...held.map(({ resources }) => resources)]) {
        for (const { name, value } of part.items) {
          if (value.type === 'scalar' && !isWhole(value.milli)) {
            return broken('I2', id, `${name} is ${String(value.milli)} thousandths`);
          }
        }
      }
      return undefined;
    },
    partsOfMachine,
  );
  if (odd !== undefined) return odd;
  const numbers = { now: state.now, seq: state.seq, nextOffer: state.nextOffer, stalledMs: state.stalledMs };
  for (const [name, value] of Object.entries(numbers)) {
    if (!isWhole(value)) return broken('I2', name, `it is ${String(value)}`);
  }
  return undefined;
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
