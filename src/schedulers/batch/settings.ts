import { readBackOff } from '../common/back-off.js';
import { readPacking, type Packing } from '../common/bins.js';
import { deskSettings, type SchedulerOptions } from '../common/options.js';
import { duration } from '../common/reading.js';
import type { BackOff } from '../common/back-off.js';
import type { BatchSettings } from './state.js';

/** What of the options the machine goes by. */
export interface BatchBehaviour extends SchedulerOptions {
  readonly packing?: Packing;
  readonly gangHoldMs?: number;
  readonly gangBackOff?: BackOff;
}

/** Reads how a batch scheduler behaves. @throws InputError with the path of the option. */
export function batchSettings(options: BatchBehaviour): BatchSettings {
  const { packing = 'first-fit', gangHoldMs = 30_000 } = options;
  const { gangBackOff = { firstMs: 20_000, maxMs: 600_000, factor: 2, jitter: 0.75 } } = options;
  return {
    ...deskSettings(options),
    packing: readPacking(packing, 'packing'),
    gangHoldMs: duration(gangHoldMs, 'gangHoldMs'),
    gangBackOff: readBackOff(gangBackOff, 'gangBackOff'),
  };
}
