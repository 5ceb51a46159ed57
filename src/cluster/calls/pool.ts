/** What the offers of one accept hold together, while its operations use it up. */
import { subtract, type Resources } from '../../resources/index.js';

/** The offers of one call, merged: one agent, one role (ACC-3), and what of them is not used yet. */
export interface Pool {
  readonly agent: string;
  readonly role: string;
  remaining: Resources;
}

/** Takes what an operation uses out of the pool. It stays held: offered becomes used. */
export function useUp(pool: Pool, resources: Resources): void {
  pool.remaining = subtract(pool.remaining, resources);
}
