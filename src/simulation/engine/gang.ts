/** Whole jobs on several offers, or nothing (gang scheduling). */
import type { HeldOffer } from './behaviours.js';
import type { MachineTable } from './machine-table.js';
import type { Placement, RunningJob, Waiting } from './running-job.js';
import { mostOf, takeFrom } from './shapes.js';
import type { TaskQueue } from './task-queue.js';

/** What starts on which offer. */
export type GangPlan = ReadonlyMap<HeldOffer, readonly Placement[]>;

/** So many jobs are looked at before it is given up: each costs a look at all offers. */
const mostTried = 20;

/** The oldest job that fits as a whole into what is offered, and how; undefined = none does. */
export function fillGang(queue: TaskQueue, offers: readonly HeldOffer[], table: MachineTable): GangPlan | undefined {
  const jobs = new Map<RunningJob, Waiting[]>();
  queue.forEach((waiting) => {
    const mine = jobs.get(waiting.job);
    if (mine !== undefined) mine.push(waiting);
    else if (jobs.size < mostTried) jobs.set(waiting.job, [waiting]);
    return false;
  });
  for (const groups of jobs.values()) {
    const plan = planJob(groups, offers, table);
    if (plan !== undefined) return plan;
  }
  return undefined;
}

function planJob(groups: readonly Waiting[], offers: readonly HeldOffer[], table: MachineTable): GangPlan | undefined {
  const left = new Map(offers.map((offer) => [offer, offer.amounts.slice()]));
  const plan = new Map<HeldOffer, Placement[]>();
  for (const waiting of groups) {
    let missing = waiting.left;
    for (const [offer, amounts] of left) {
      const tasks = table.suits(offer.machine, waiting.shape) ? mostOf(waiting.shape, amounts, missing) : 0;
      if (tasks === 0) continue;
      takeFrom(amounts, waiting.shape, tasks);
      const placements = plan.get(offer) ?? [];
      placements.push({ waiting, tasks });
      plan.set(offer, placements);
      missing -= tasks;
      if (missing === 0) break;
    }
    if (missing > 0) return undefined;
  }
  return plan;
}
