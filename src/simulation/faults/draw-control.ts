/** What operators do in the middle of everything. */
import type { ControlLike } from '../../master/index.js';
import type { Dice } from '../luck.js';
import { agentName, type PlanSize } from './plan.js';

const roles = ['eng', 'eng/web', 'eng/etl', 'ops', '__proto__', 'nobody'] as const;

/** Something that an operator wants. Not all of it makes sense when it is wanted; then it is refused. */
export function controlOf(dice: Dice, size: PlanSize, at: number): ControlLike {
  const agent = agentName(dice.whole(0, size.agents - 1));
  const machines = [{ hostname: agent }];
  const role = dice.pick(...roles);
  return dice.pick<() => ControlLike>(
    () => ({ type: 'set-weight', role, weight: dice.pick(0.5, 1, 2, 10) }),
    () => ({ type: 'set-weight', role, weight: dice.pick(1, 3), priority: dice.whole(0, 5) }),
    () => ({ type: 'set-quota', quotas: [{ role, guarantees: amounts(dice) }], force: dice.chance(0.3) }),
    () => ({ type: 'set-quota', quotas: [{ role, limits: amounts(dice) }], force: dice.chance(0.3) }),
    () => ({ type: 'set-quota', quotas: [{ role }] }),
    () => ({ type: 'drain', agent, maxGraceMs: dice.pick(0, 1_000, 60_000), markGone: dice.chance(0.1) }),
    () => ({ type: 'deactivate', agent }),
    () => ({ type: 'reactivate', agent }),
    () => ({ type: 'mark-unreachable', agent }),
    () => ({
      type: 'set-maintenance',
      windows: [{ machines, unavailability: { start: at + dice.whole(0, 120_000), duration: 60_000 } }],
    }),
    () => ({ type: 'machine-down', machines }),
    () => ({ type: 'machine-up', machines }),
    () => ({ type: dice.pick('pause', 'resume', 'resume') }),
    () => ({ type: 'set-whitelist', hosts: dice.chance(0.6) ? null : [agent] }),
    () => ({ type: 'reserve', agent, resources: `cpus(${dice.pick('eng', 'ops')}):1` }),
    () => ({ type: 'unreserve', agent, resources: `cpus(${dice.pick('eng', 'ops')}):1` }),
    () => ({ type: 'configure', config: { maxOffersPerFramework: dice.pick(null, 1, 10) } }),
    () => ({ type: 'configure', config: { allocationIntervalMs: dice.pick(500, 1_000, 3_000) } }),
    () => ({ type: 'allocate', agents: 'all' }),
  )();
}

function amounts(dice: Dice): Readonly<Record<string, number>> {
  return dice.pick<Readonly<Record<string, number>>>(
    { cpus: 1 },
    { cpus: 20, mem: 10_000 },
    { mem: 5_000 },
    { cpus: 200 },
  );
}
