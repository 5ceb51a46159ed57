/**
 * `proffer/simulation`: clusters that are not there. `simulateFaults` puts the real master, agents and drivers on a network
 * that fails, by virtual time.
 */
export { faultPlan, type PlanOptions } from './faults/draw-plan.js';
export type { Direction, FaultEvent, FaultPlan, FrameworkPlan, Habits, PlanSize, Weather } from './faults/plan.js';
export { faultText, shrinkFault, type ShrunkFault } from './faults/shrink.js';
export type { ShrinkOptions } from './faults/shrink-plan.js';
export { simulateFaults, type FaultRun } from './faults/simulate-faults.js';
export type { FaultFailure } from './faults/watch.js';
export type { FaultOptions } from './faults/world.js';
