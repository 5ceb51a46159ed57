import {
  allocatorStats,
  allocatorTransition,
  emptyAllocator,
  nextRun,
  type AllocatorConfig,
  type AllocatorInput,
  type AllocatorOutput,
  type AllocatorState,
  type AllocatorStats,
  type FrameworkSettings,
  type NewAgent,
  type Policy,
} from '../../src/offers/index.js';
import { resources } from '../../src/resources/index.js';

/** An input without its time, which the box stamps. */
export type Untimed = AllocatorInput extends infer I ? (I extends unknown ? Omit<I, 'at'> : never) : never;

/** An allocator with a clock, for tests that tell a story. Grants read `f1 a1 as role cpus:1`. */
export interface Box {
  readonly state: AllocatorState;
  readonly stats: AllocatorStats;
  readonly now: number;
  policy: Policy | undefined;
  send(input: Untimed): readonly AllocatorOutput[];
  agent(id: string, total: string, more?: Partial<NewAgent>): void;
  framework(
    id: string,
    roles: readonly string[],
    more?: Partial<FrameworkSettings> & { readonly active?: boolean },
  ): void;
  /** Performs the run that was asked for, or one of all agents. */
  run(agents?: 'requested' | 'all'): readonly string[];
  /** Lets time pass as a shell does: each batch at its instant. Grants read `1000: f1 a1 as role cpus:1`. */
  pass(ms: number): readonly string[];
  /** Lets time pass and performs nothing. */
  tick(ms: number): void;
  /** Gives back what a framework holds of an agent. */
  recover(framework: string, agent: string, role: string, text: string, refuseSeconds?: number): void;
  /** Gives back whatever a grant in words gave. */
  giveBack(grants: readonly string[], refuseSeconds?: number): void;
  /** Dominant shares by role, rounded to three digits. */
  shares(): Readonly<Record<string, number | null>>;
}

export function allocator(
  config: Partial<AllocatorConfig> = {},
  policy?: Policy,
  from: { readonly state: AllocatorState; readonly now: number } = { state: emptyAllocator(config), now: 0 },
): Box {
  let { state, now } = from;

  const box: Box = {
    get state() {
      return state;
    },
    get stats() {
      return allocatorStats(state);
    },
    get now() {
      return now;
    },
    policy,
    send(input) {
      const [next, outputs] = allocatorTransition(state, { ...input, at: now } as AllocatorInput, box.policy);
      state = next;
      return outputs;
    },
    agent(id, total, more = {}) {
      box.send({ type: 'add-agent', agent: id, total: resources(total), ...more });
    },
    framework(id, roles, more = {}) {
      box.send({ type: 'add-framework', framework: id, roles, ...more });
    },
    run(agents) {
      return box.send({ type: 'allocate', ...(agents === undefined ? {} : { agents }) }).map(inWords);
    },
    pass(ms) {
      const target = now + ms;
      const lines: string[] = [];
      for (let due = nextRun(state); due !== undefined && due <= target; due = nextRun(state)) {
        now = Math.max(now, due);
        lines.push(...box.run().map((line) => `${now}: ${line}`));
      }
      now = target;
      box.send({ type: 'tick' });
      return lines;
    },
    tick(ms) {
      now += ms;
      box.send({ type: 'tick' });
    },
    recover(framework, agent, role, text, refuseSeconds) {
      const refuse = refuseSeconds === undefined ? {} : { refuseSeconds };
      box.send({ type: 'recover', framework, agent, role, resources: resources(text), ...refuse });
    },
    giveBack(grants, refuseSeconds) {
      for (const grant of grants) {
        const [, framework = '', agent = '', role = '', text = ''] =
          /^(?:\d+: )?(\S+) (\S+) as (\S+) (.*)$/.exec(grant) ?? [];
        box.recover(framework, agent, role, text, refuseSeconds);
      }
    },
    shares() {
      const shares = box.stats.roles.map(({ role, dominantShare }) => [role, dominantShare && round(dominantShare)]);
      return Object.fromEntries(shares) as Record<string, number | null>;
    },
  };
  return box;
}

function inWords(output: AllocatorOutput): string {
  if (output.type === 'policy-failed') return `failed ${output.failure.code}: ${output.failure.message}`;
  if (output.type === 'refused') return `refused ${output.problem.code}: ${output.problem.message}`;
  if (output.type === 'inverse') return `${output.framework} leave ${output.agent}`;
  const { framework, agent, role, resources: what } = output.grant;
  return `${framework} ${agent} as ${role} ${String(what)}`;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
