/**
 * `proffer/testing`: what a test of a policy, an adapter or another implementation of the format needs. It needs fast-check
 * beside proffer.
 * @module
 */
export { anyHistory, type HistoryBounds } from './arbitraries/any-history.js';
export {
  anyCluster,
  anyDemand,
  anyResources,
  anyRoles,
  type ClusterBounds,
  type DrawnRole,
} from './arbitraries/clusters.js';
export type { ClusterSource } from './arbitraries/sources.js';
export { LawError, assertPolicy } from './assert-policy.js';
export { checkDivision, type CheckDivisionOptions } from './check-division.js';
export { checkPolicy, defaultLaws, type CheckPolicyOptions } from './check-policy.js';
export {
  divisions,
  solveDivision,
  type Divide,
  type DividedUser,
  type DivisionName,
  type SolvedDivision,
} from './divisions/divisions.js';
export type { DivisionUser } from './divisions/pool.js';
export { playHistory, type History, type HistoryStep, type PlayedHistory } from './histories/history.js';
export type { Move, MoveKind } from './histories/moves.js';
export {
  conductLaws,
  fairnessLaws,
  type CheckResult,
  type ConductLaw,
  type Counterexample,
  type FairnessLaw,
  type Law,
  type LawResult,
  type Outcome,
} from './laws/names.js';
export type { ClusterPlan } from './plan.js';
export { runScenario, type FailedExpectation, type ScenarioResult, type SkippedCase } from './run-scenario.js';
export type { ScenarioFailure } from './scenarios/failure.js';
