import type { Confinement, Isolation } from './confinement.js';

const confinement: Confinement = {
  entry: '',
  oomKills: () => 0,
  kill: () => false,
  occupied: () => undefined,
  remove: () => {},
};

/** No isolation: tasks may take what they get. `why` is for the log. */
export function noIsolation(why: string): Isolation {
  return {
    kind: 'none',
    enforces: [],
    notes: [`neither cpus nor mem are enforced: ${why}`],
    confine: () => confinement,
    find: () => confinement,
    release: () => true,
  };
}
