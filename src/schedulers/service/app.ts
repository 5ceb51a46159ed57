/** An app, as a host writes it and as it is kept. */
import { finite, list, refuse, type Reader } from '../../cluster/shape.js';
import { readBackOff, type BackOff, type FullBackOff } from '../common/back-off.js';
import { readConstraint, type Constraint } from '../common/constraints.js';
import { amountOf, between, duration, idText, only } from '../common/reading.js';
import { readSavedSpec, taskSpecFields, taskSpecOf, type TaskSpec, type TaskSpecLike } from '../common/task-spec.js';

/** How an app is brought to another version. */
export interface UpdateRule {
  /**
   * The part of the instances that stay healthy while others are replaced, from 0 to 1, rounded up. With `maxSurge` 0 at
   * least one may always go. Default 1.
   */
  readonly minHealthy?: number;
  /** How many more instances there may be meanwhile, as a part of all, rounded up. Default 0.25. */
  readonly maxSurge?: number;
}

/** Something that is to run for ever, so many times. */
export interface App {
  /** Unique among the apps of the scheduler. */
  readonly id: string;
  /** How many of it run. Default 1. */
  readonly instances?: number;
  /** What runs. With `healthCheck` an instance counts as healthy when that says so, else as soon as it runs. */
  readonly task: TaskSpecLike;
  /** Where instances may run; `unique` and `spread` count all that live, also old and ending ones. */
  readonly constraints?: readonly Constraint[];
  /** The higher comes first when offers are short. Default 0. */
  readonly priority?: number;
  readonly update?: UpdateRule;
  /** Waits between an instance that ended and the next one. Default: from 1 s, doubling to 5 min. */
  readonly backOff?: BackOff;
  /** An instance that was healthy for so long before it ended was no failure to start: waits begin anew, ms. Default 1 min. */
  readonly steadyAfterMs?: number;
}

/** An app as it is kept: plain JSON, complete. */
export interface AppSpec {
  readonly id: string;
  readonly instances: number;
  readonly task: TaskSpec;
  readonly constraints: readonly Constraint[];
  readonly priority: number;
  readonly minHealthy: number;
  readonly maxSurge: number;
  readonly backOff: FullBackOff;
  readonly steadyAfterMs: number;
}

const usualBackOff: FullBackOff = { firstMs: 1_000, maxMs: 300_000, factor: 2, jitter: 0.5 };
/** The number of an instance and a launch follow in the id of a task. */
const longestId = 230;

/** How many instances an app may have. */
export const instanceCount: Reader<number> = between(0, 100_000);

const part: Reader<number> = (value, path) => {
  const read = amountOf(finite(value, path), path);
  return read >= 0 && read <= 1 ? read : refuse('bad-number', path, 'must be a part of all, from 0 to 1');
};

const taskShape = only(taskSpecFields);
const updateShape = only({ optional: { minHealthy: part, maxSurge: part } });

const appShape = only({
  required: { id: idText, task: taskShape },
  optional: {
    instances: instanceCount,
    constraints: list(readConstraint),
    priority: amountOf,
    update: updateShape,
    backOff: readBackOff,
    steadyAfterMs: duration,
  },
});

/**
 * Reads an app.
 *
 * @throws InputError with the path of what is wrong; `stuck-update` for an update that could never begin.
 */
export const readApp: Reader<AppSpec> = (value, path) => {
  const { id, task, instances = 1, constraints = [], priority = 0, update = {}, ...more } = appShape(value, path);
  const { minHealthy = 1, maxSurge = 0.25 } = update;
  const { backOff = usualBackOff, steadyAfterMs = 60_000 } = more;
  if (id.length > longestId) refuse('bad-id', `${path}.id`, `must not have more than ${longestId} characters`);
  if (minHealthy === 1 && maxSurge === 0) {
    refuse('stuck-update', `${path}.update`, 'lets no instance go before there is another, and none be added');
  }
  const spec = taskSpecOf(task, `${path}.task`);
  return { id, instances, task: spec, constraints, priority, minHealthy, maxSurge, backOff, steadyAfterMs };
};

/** Reads an app that was saved. */
export const readSavedApp: Reader<AppSpec> = only({
  required: {
    id: idText,
    instances: instanceCount,
    task: readSavedSpec,
    constraints: list(readConstraint),
    priority: amountOf,
    minHealthy: part,
    maxSurge: part,
    backOff: readBackOff,
    steadyAfterMs: duration,
  },
});
