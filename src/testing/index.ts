/**
 * `proffer/testing`: what a test of a policy, an adapter or another implementation of the format needs.
 * @module
 */
export { runScenario, type FailedExpectation, type ScenarioResult, type SkippedCase } from './run-scenario.js';
export type { ScenarioFailure } from './scenarios/failure.js';
