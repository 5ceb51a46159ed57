/** TEARDOWN (FW-7). */
import type { Draft } from '../draft.js';
import { removeFramework } from '../frameworks.js';
import type { TeardownCall } from '../inputs.js';
import { heard } from './heard.js';

/** The framework ends itself: see `removeFramework`. */
export function teardown(draft: Draft, call: TeardownCall): void {
  if (heard(draft, call) !== undefined) removeFramework(draft, call.framework);
}
