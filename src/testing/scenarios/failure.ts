/** Whether a message that a case expects is compared, or only tells a reader what is meant. */
export type Wording = 'compared' | 'informative';

/** One expectation of a conformance case that did not hold. */
export interface ScenarioFailure {
  /** Where in the case: the number of the step or check (from 0), or its name where a case is one step. */
  readonly step: number | string;
  /** What the case expects, as written there. */
  readonly expected: unknown;
  /** What came out instead, in the same form. */
  readonly actual: unknown;
}
