/** The file of `proffer run`: who has what, who wants what, and what is to run. */
import type { ConfigLike } from '../../cluster/index.js';
import type { IsolationKind } from '../../agent/node/index.js';
import { weightOf } from '../../drf/index.js';
import {
  attributes as readAttributes,
  InputError,
  resources as readResources,
  validateRole,
} from '../../resources/index.js';
import {
  checked,
  finite,
  list,
  name,
  oneOf,
  optional,
  positive,
  readSaved,
  record,
  row,
  text,
  type Reader,
} from '../../resources/reading.js';
import type { AgentSpec } from './fleet.js';

/** The second-level schedulers that a file can name. */
export const schedulerKinds = ['batch', 'service', 'cron'] as const;
/** One of `schedulerKinds`. */
export type SchedulerKind = (typeof schedulerKinds)[number];

/** Amounts of a quota, by the name of a resource. */
export type Amounts = Readonly<Record<string, number>>;

/** What a role is entitled to. */
export interface RoleSpec {
  readonly role: string;
  readonly weight?: number;
  readonly guarantees?: Amounts;
  readonly limits?: Amounts;
}

/** A framework and what its scheduler is to do. */
export interface FrameworkSpec {
  /** Unique in the file. */
  readonly name: string;
  /** Default: its name. */
  readonly role?: string;
  readonly scheduler: SchedulerKind;
  /** Of `batch` and `cron`. */
  readonly jobs?: readonly unknown[];
  /** Of `service`. */
  readonly apps?: readonly unknown[];
}

/** A file that was read. */
export interface RunPlan {
  readonly name?: string;
  readonly agents: readonly AgentSpec[];
  readonly roles: readonly RoleSpec[];
  readonly frameworks: readonly FrameworkSpec[];
  readonly isolation: IsolationKind | 'auto';
  readonly config: ConfigLike;
  /** When it ends although something would go on, ms after its start; absent = never. */
  readonly durationMs?: number;
}

interface AgentLine extends AgentSpec {
  /** So many agents like this, `ID-1` and so on. Default: one, with the id as it is. */
  readonly count?: number;
}

type RunFile = Omit<RunPlan, 'agents' | 'roles' | 'isolation' | 'config'> &
  Partial<Pick<RunPlan, 'roles' | 'isolation' | 'config'>> & {
    readonly $schema?: string;
    readonly agents: readonly AgentLine[];
  };

const roleName: Reader<string> = checked(name, (found) => {
  const problem = validateRole(found);
  if (problem !== undefined) throw new InputError(problem.code, '', problem.message);
});
const amounts: Reader<Amounts> = (value) => record(value) as Amounts;
const anything: Reader<unknown> = (value) => value;

const file = row<RunFile>({
  $schema: optional(text),
  name: optional(name),
  agents: list(
    row<AgentLine>({
      id: name,
      resources: optional(checked(text, (found) => void readResources(found))),
      attributes: optional(checked(text, (found) => void readAttributes(found))),
      count: optional(positive),
    }),
  ),
  roles: optional(
    list(
      row<RoleSpec>({
        role: roleName,
        weight: optional(checked(finite, (found) => void weightOf(found))),
        guarantees: optional(amounts),
        limits: optional(amounts),
      }),
    ),
  ),
  frameworks: list(
    row<FrameworkSpec>({
      name,
      role: optional(roleName),
      scheduler: oneOf(schedulerKinds),
      jobs: optional(list(anything)),
      apps: optional(list(anything)),
    }),
  ),
  isolation: optional(oneOf(['auto', 'cgroups-v2', 'cgroups-v1', 'rlimits', 'none'])),
  config: optional((value) => record(value) as ConfigLike),
  durationMs: optional(positive),
});

/** A master of a few agents on one machine need not wait for a second until it looks again. */
const localConfig: ConfigLike = { allocationIntervalMs: 20 };

/**
 * Reads a file.
 *
 * @throws InputError `bad-file` with the path of the field
 */
export function readPlan(value: unknown): RunPlan {
  const {
    $schema: _,
    roles = [],
    isolation = 'auto',
    config = {},
    agents,
    frameworks,
    ...rest
  } = readSaved(file, value, 'The file', 'bad-file');
  const all = agents.flatMap(each);
  for (const [index, framework] of frameworks.entries()) demandOwnWork(framework, `frameworks[${index}]`);
  demandDifferent(
    all.map(({ id }) => id),
    'agents',
    'id',
  );
  demandDifferent(
    frameworks.map((framework) => framework.name),
    'frameworks',
    'name',
  );
  if (all.length === 0) throw new InputError('bad-file', 'agents', 'agents is empty: there must be one to run on');
  if (all.length > 1) demandResources(all);
  return { ...rest, agents: all, roles, frameworks, isolation, config: { ...localConfig, ...config } };
}

/** What is to run is in the field that its scheduler reads. */
function demandOwnWork({ scheduler, jobs, apps }: FrameworkSpec, path: string): void {
  const [wanted, other] =
    scheduler === 'service' ? (['apps', jobs && 'jobs'] as const) : (['jobs', apps && 'apps'] as const);
  if (other !== undefined)
    throw new InputError('bad-file', `${path}.${other}`, `${path}.${other} is not for the scheduler ${scheduler}`);
  if ((wanted === 'apps' ? apps : jobs) === undefined)
    throw new InputError('bad-file', `${path}.${wanted}`, `${path}.${wanted} is missing`);
}

function each({ count, ...agent }: AgentLine): readonly AgentSpec[] {
  if (count === undefined) return [agent];
  return Array.from({ length: count }, (_, index) => ({ ...agent, id: `${agent.id}-${index + 1}` }));
}

/** Agents that all have the whole machine would promise it several times. */
function demandResources(agents: readonly AgentSpec[]): void {
  const index = agents.findIndex(({ resources }) => resources === undefined);
  if (index === -1) return;
  const path = `agents[${index}].resources`;
  throw new InputError('bad-file', path, `${path} is missing: of several agents each must say what it has`);
}

function demandDifferent(names: readonly string[], where: string, field: string): void {
  const index = names.findIndex((one, at) => names.indexOf(one) !== at);
  if (index === -1) return;
  const path = `${where}[${index}].${field}`;
  throw new InputError('bad-file', path, `${path}: there are two of ${JSON.stringify(names[index])}`);
}
