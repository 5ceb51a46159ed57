/**
 * `proffer/simulation`: clusters that are not there. `simulate` shows how a cluster, its tenants and a policy get along, by
 * virtual time, and `report` makes a page of that; `simulateFaults` puts the real master, agents and drivers on a network that fails.
 */
export { scaledCluster, uniformCluster, type MachineClass, type SimulatedCluster } from './clusters/machines.js';
export { clusterNames, clusterPreset } from './clusters/presets.js';
export type { FoundMachine, Slowdown } from './engine/engine.js';
export { faultPlan, type PlanOptions } from './faults/draw-plan.js';
export type { Direction, FaultEvent, FaultPlan, FrameworkPlan, Habits, PlanSize, Weather } from './faults/plan.js';
export { faultText, shrinkFault, type ShrunkFault } from './faults/shrink.js';
export type { ShrinkOptions } from './faults/shrink-plan.js';
export { simulateFaults, type FaultRun } from './faults/simulate-faults.js';
export type { FaultFailure } from './faults/watch.js';
export type { FaultOptions } from './faults/world.js';
export { Dice } from './luck.js';
export type { Spread } from './measure/distribution.js';
export type { Fates, PolicyResult, Series, SimulationResult, TenantResult } from './result.js';
export { paperNames, reproducePaper } from './papers/index.js';
export type { PaperFigure, PaperResult } from './papers/paper.js';
export { report } from './report/index.js';
export { simulate, type SimulateOptions, type SimulationProgress } from './simulate.js';
export { clusterOfNodes, readNodes, readPods, workloadOfPods, type NodeRow, type PodRow } from './traces/alibaba.js';
export type { BadRow, ReadOptions, ReadRows } from './traces/rows.js';
export { readSwim, workloadOfSwim, type MapReduceShape, type SwimRow } from './traces/swim.js';
export {
  facebookWorkload,
  mixedWorkload,
  omegaWorkload,
  streams,
  type FacebookOptions,
  type JobStream,
  type StreamsOptions,
} from './workloads/generators.js';
export { workloadNames, workloadPreset } from './workloads/presets.js';
export { changeForms, parseChange, type Amounts, type Change } from './what-if/changes.js';
export {
  whatIf,
  type TenantDifference,
  type TenantFigures,
  type WhatIfOptions,
  type WhatIfResult,
} from './what-if/what-if.js';
export {
  behaviourNames,
  type AlreadyRunning,
  type BehaviourName,
  type Duration,
  type Job,
  type TaskGroup,
  type Tenant,
  type Workload,
} from './workloads/workload.js';
