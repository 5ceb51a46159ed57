import { v1AgentCapabilities, v1FrameworkCapabilities } from '../../cluster/index.js';
import { validateOperation } from '../../offers/index.js';
import {
  allocationRoles,
  overlaps,
  problemIn,
  resources,
  validateForUse,
  validateId,
  type Problem,
  type ResourcesLike,
} from '../../resources/index.js';
import {
  agentCapabilities,
  defaultAgentCapabilities,
  frameworkCapabilities,
  validateGroupResources,
  validateSingleProvider,
  validateTask,
  validateTaskAllocation,
  validateTaskAndExecutorResources,
  validateTaskResources,
  type AgentCapability,
  type FrameworkCapability,
} from '../../tasks/index.js';
import type { ScenarioFailure, Wording } from './failure.js';
import { Fields as StepFields, bad, kebab } from './fields.js';
import { operandsOf, operationTypes, readScenarioOperation } from './operations.js';
import { readScenarioTask } from './tasks.js';

type Fields = Readonly<Record<string, unknown>>;

/** One kind of validation: the arguments it may have, and the function it stands for. */
interface Validation {
  readonly fields: readonly string[];
  readonly run: (args: Fields) => Problem | undefined;
}

const caseFields = ['id', 'source', 'tags', 'note', 'validate', 'args', 'expect'];
const expectFields = ['valid', 'messageContains'];

const contextFields = ['operation', 'principal', 'framework', 'agentCapabilities', 'checkpointed', 'usedByFramework'];

/** Everything of a case is JSON; what is no resources is found when it is read. */
function like(value: unknown): ResourcesLike {
  return value as ResourcesLike;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

const validations: ReadonlyMap<string, Validation> = new Map<string, Validation>([
  ['resources', { fields: ['resources'], run: (args) => validateForUse(like(args['resources'])) }],
  [
    'singleResourceProvider',
    { fields: ['resources'], run: (args) => validateSingleProvider(resources(like(args['resources']))) },
  ],
  ['overlappingSetsOrRanges', { fields: ['list'], run: (args) => validateDisjoint(list(args['list'])) }],
  ['TASK', { fields: ['task', 'offered', 'framework'], run: validateOneTask }],
  [
    'taskResources',
    { fields: ['resources'], run: (args) => validateTaskResources(resources(like(args['resources']))) },
  ],
  [
    'taskAllocationInfo',
    { fields: ['resources'], run: (args) => validateTaskAllocation(resources(like(args['resources']))) },
  ],
  ['taskAndExecutorResources', { fields: ['task', 'executor'], run: validateTogether }],
  ['taskGroupResources', { fields: ['tasks', 'executor'], run: validateGroup }],
  ['validateID', { fields: ['id'], run: (args) => validateId(String(args['id'])) }],
  ...operationTypes.map(
    (type) =>
      [
        type,
        { fields: [...contextFields, ...operandsOf(type)], run: (args: Fields) => validateOne(type, args) },
      ] as const,
  ),
]);

function validateDisjoint(parts: readonly unknown[]): Problem | undefined {
  if (!overlaps(parts.map((part) => resources(like(part))))) return undefined;
  return { code: 'overlapping-resources', path: 'list', message: 'The resources overlap' };
}

function validateTogether({ task, executor }: Fields): Problem | undefined {
  return validateTaskAndExecutorResources({
    task: resources(like(task)),
    ...(executor !== undefined && { executor: resources(like(executor)) }),
  });
}

function validateGroup({ tasks, executor }: Fields): Problem | undefined {
  return validateGroupResources({
    tasks: list(tasks).map((task) => resources(like(task))),
    ...(executor !== undefined && { executor: resources(like(executor)) }),
  });
}

function validateOneTask({ task: written, offered: left, framework }: Fields): Problem | undefined {
  const task = readScenarioTask(written);
  const offered = resources(like(left));
  const launcher = readLauncher(framework);
  const [role = launcher.role] = allocationRoles(offered);
  return validateTask(task, {
    agent: task.agent ?? 'A1',
    role,
    framework: launcher.id,
    offered,
    agentCapabilities: defaultAgentCapabilities,
    taskIdInUse: () => undefined,
    executor: () => undefined,
  });
}

/** Who launches a task: an id, or a framework with its roles, of which the first one stands for an offer's. */
function readLauncher(written: unknown): { readonly id: string; readonly role: string } {
  if (written === undefined || written === null) return { id: 'F1', role: '*' };
  if (typeof written === 'string') return { id: written, role: '*' };
  const framework = new StepFields(written);
  const id = framework.optionalText('framework_id') ?? framework.optionalText('id') ?? 'F1';
  const [role = '*'] = framework.optionalTexts('roles') ?? [];
  for (const name of framework.optionalTexts('capabilities') ?? []) frameworkCapabilityOf(name);
  for (const name of ['name', 'user', 'principal']) framework.optionalText(name);
  framework.end();
  return { id, role };
}

/** The operation of a case: as one, or its operands beside the other arguments (FORMAT.md §8, §11). */
function readOperationOf(type: string, args: Fields): ReturnType<typeof readScenarioOperation> {
  const operands = operandsOf(type).filter((name) => args[name] !== undefined);
  if (args['operation'] === undefined) {
    return readScenarioOperation({ type, ...Object.fromEntries(operands.map((name) => [name, args[name]])) });
  }
  if (operands.length > 0) throw bad(`an operation, and ${operands.join(', ')} beside it`);
  const read = readScenarioOperation(args['operation']);
  if (read.type !== kebab(type)) throw bad(`the operation is no ${type}`);
  return read;
}

/** An operation with who wants it; what a case leaves out is all that it may be (FORMAT.md §8). */
function validateOne(type: string, args: Fields): Problem | undefined {
  const { principal, framework, checkpointed, usedByFramework, agentCapabilities: named } = args;
  return validateOperation(readOperationOf(type, args), {
    framework: framework === undefined || framework === null ? null : readOperator(framework),
    ...(typeof principal === 'string' && { principal }),
    agentCapabilities: named === undefined ? agentCapabilities : list(named).map(agentCapabilityOf),
    ...(checkpointed !== undefined && { checkpointed: resources(like(checkpointed)) }),
    ...(usedByFramework !== undefined && {
      usedByFramework: new Map(
        Object.entries(usedByFramework as Fields).map(([id, used]) => [id, resources(like(used))] as const),
      ),
    }),
  });
}

/** A framework of a case has every capability unless it names its own. */
function readOperator(written: unknown): {
  readonly roles: readonly string[];
  readonly capabilities: readonly FrameworkCapability[];
} {
  const framework = new StepFields(written);
  const roles = framework.texts('roles');
  const named = framework.optionalTexts('capabilities');
  framework.end();
  return { roles, capabilities: named === undefined ? frameworkCapabilities : named.map(frameworkCapabilityOf) };
}

function agentCapabilityOf(name: unknown): AgentCapability {
  const own = v1AgentCapabilities.read(String(name));
  if (own === undefined) throw bad(`unknown agent capability ${String(name)}`);
  return own;
}

function frameworkCapabilityOf(name: string): FrameworkCapability {
  const own = v1FrameworkCapabilities.read(name);
  if (own === undefined) throw bad(`unknown framework capability ${name}`);
  return own;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownFields(value: Fields, step: string, known: readonly string[]): readonly ScenarioFailure[] {
  return Object.keys(value)
    .filter((field) => !known.includes(field))
    .map((actual) => ({ step, expected: `one of the fields ${known.join(', ')}`, actual }));
}

/**
 * Runs one case of the suite `validation`. An unknown validation or field is a failure, and so is an exception; wording
 * is only informative (FORMAT.md §8) unless it is to be compared.
 *
 * @returns what did not hold.
 */
export function runValidationCase(c: unknown, wording: Wording = 'informative'): readonly ScenarioFailure[] {
  if (!isFields(c)) return [{ step: 'case', expected: 'an object', actual: c }];
  const { validate, args, expect } = c;
  if (!isFields(args)) return [{ step: 'args', expected: 'an object', actual: args }];
  if (!isFields(expect)) return [{ step: 'expect', expected: 'an object', actual: expect }];
  const kind = String(validate);
  const validation = validations.get(kind);
  if (validation === undefined) {
    return [{ step: 'validate', expected: `one of ${[...validations.keys()].join(', ')}`, actual: validate }];
  }
  const failures = [
    ...unknownFields(c, 'case', caseFields),
    ...unknownFields(args, 'args', validation.fields),
    ...unknownFields(expect, 'expect', expectFields),
  ];
  if (failures.length > 0) return failures;
  const { valid, messageContains } = expect;
  const expected = wording === 'compared' ? { valid, messageContains } : { valid };
  return compare(kind, expected, () => validation.run(args));
}

/** What the validation answers, beside what the case expects of it. */
function compare(
  step: string,
  { valid, messageContains }: Fields,
  run: () => Problem | undefined,
): readonly ScenarioFailure[] {
  let problem: Problem | undefined;
  try {
    // Resources that cannot be read are invalid; any other exception is one of ours.
    const thrown = problemIn(() => {
      problem = run();
    });
    if (thrown?.code === 'bad-scenario') return [{ step, expected: 'known fields', actual: thrown.message }];
    problem = thrown ?? problem;
  } catch (error) {
    return [{ step, expected: 'no exception', actual: String(error) }];
  }
  if ((problem === undefined) !== valid) {
    return [{ step, expected: { valid }, actual: { valid: problem === undefined, message: problem?.message } }];
  }
  if (messageContains === undefined || problem?.message.includes(String(messageContains)) === true) return [];
  return [{ step, expected: { messageContains }, actual: problem?.message }];
}
