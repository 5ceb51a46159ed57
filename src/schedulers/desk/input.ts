import type { Offer } from '../../cluster/index.js';
import type { TaskStatus } from '../../tasks/index.js';

/** What can happen to any scheduler here: what its driver hears, that time passes, that nothing more is to be heard now. */
export type DeskInput =
  | { readonly type: 'subscribed'; readonly framework: string }
  | { readonly type: 'disconnected' }
  | { readonly type: 'ended'; readonly code: string }
  | { readonly type: 'offers'; readonly offers: readonly Offer[] }
  | { readonly type: 'rescind'; readonly offer: string }
  | { readonly type: 'update'; readonly status: TaskStatus }
  | { readonly type: 'tick' | 'settle' };
