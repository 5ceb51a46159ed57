/** Operations on an agent that can do some and not others, over a way that loses, repeats and reorders what it says. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  emptyCluster,
  mesosDefaults,
  stepViolation,
  transition,
  type ClusterState,
  type Input,
  type OperationLike,
  type Output,
} from '../../src/cluster/index.js';
import { convert, problemIn, resources, type Resources } from '../../src/resources/index.js';
import {
  agentCapabilities,
  frameworkCapabilities,
  type ApplyOperationCommand,
  type OperationStatusReport,
} from '../../src/tasks/index.js';
import { Choices } from './choices.js';
import { chainOn, controlOf, operationOn } from './operate.js';

type Untimed = Input extends infer I ? (I extends unknown ? Omit<I, 'at'> : never) : never;

const machine = [
  'cpus:4;mem:1024;disk:64;disk(web):32',
  { name: 'disk', value: 16, role: 'web', disk: { id: 'v9', path: 'data' } },
];
const acts = ['operate', 'operate', 'accept', 'accept', 'obey', 'obey', 'say', 'say', 'acknowledge', 'return'] as const;

/** A master, and an agent that is no more than its promises. */
class Both {
  state: ClusterState = emptyCluster({ ...mesosDefaults, minAllocatable: [] });
  total: Resources = resources(machine);
  /** On their way to the agent. */
  commands: ApplyOperationCommand[] = [];
  /** What the agent says until that is acknowledged. */
  statuses: OperationStatusReport[] = [];
  /** What the framework heard and has not acknowledged. */
  heard: { readonly operation: string; readonly uuid: string }[] = [];
  readonly counts = new Map<string, number>();

  constructor() {
    this.send({ type: 'register', agent: 'a1', resources: machine, capabilities: agentCapabilities });
    this.send({
      type: 'subscribe',
      framework: 'f1',
      connection: 'c',
      roles: ['web'],
      capabilities: frameworkCapabilities,
    });
  }

  send(input: Untimed): void {
    const timed = { ...input, at: this.state.now } as Input;
    const step: { outputs?: readonly Output[]; after?: ClusterState } = {};
    // What the operator wants may make no sense.
    problemIn(() => ([step.after, step.outputs] = transition(this.state, timed)));
    const { after, outputs } = step;
    if (after === undefined || outputs === undefined) return;
    expect(stepViolation(this.state, timed, after, outputs)).toBeUndefined();
    after.operations.forEach(({ owed }) => owed && this.count('owed'));
    this.state = after;
    for (const output of outputs) this.hear(output);
  }

  private hear(output: Output): void {
    if (output.type === 'apply-operation') this.commands.push(output);
    else if (output.type === 'acknowledge-operation') {
      this.statuses = this.statuses.filter(({ uuid }) => uuid !== output.uuid);
    } else if (output.type === 'operation-update') {
      this.count(output.state);
      if (output.uuid !== undefined) this.heard.push({ operation: output.operation, uuid: output.uuid });
    }
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  act(act: (typeof acts)[number], choose: Choices): void {
    switch (act) {
      case 'operate':
        return this.operate(choose);
      case 'accept':
        return this.accept(choose);
      case 'obey':
        return this.obey(choose.rarely(3));
      case 'say': {
        const said = choose.from(this.statuses, undefined);
        if (said !== undefined) this.send(said);
        return;
      }
      case 'acknowledge': {
        const known = choose.from(this.heard, undefined);
        if (known !== undefined)
          this.send({ type: 'acknowledge-operation', framework: 'f1', connection: 'c', ...known });
        return;
      }
      case 'return':
        if (choose.rarely(4)) this.return();
    }
  }

  private operate(choose: Choices): void {
    const free = this.state.allocator.agents.get('a1')?.free;
    const operation = free && operationOn(free, 'web', choose);
    if (operation === undefined) return;
    const { at: _, ...control } = controlOf(operation, 'a1', 0);
    this.send(control);
  }

  private accept(choose: Choices): void {
    this.send({ type: 'allocate', agents: 'all' });
    const offers = this.state.offers.values().map(({ offer }) => offer);
    const all = offers.map(({ resources: offered }) => offered);
    const { operations } = chainOn(resources(all), 'web', choose);
    const named = operations.map((one): OperationLike => {
      const id = choose.of(undefined, 'o1', 'o2', 'o3', 'o4', '__proto__');
      return id === undefined ? one : { ...one, id };
    });
    const ids = offers.map(({ id }) => id);
    this.send({ type: 'accept', framework: 'f1', connection: 'c', offers: ids, operations: named, refuseSeconds: 0 });
  }

  /** The agent carries out its next command, if it can. */
  private obey(fails: boolean): void {
    const command = this.commands.shift();
    if (command?.uuid === undefined) return;
    const { uuid, framework, id } = command;
    const problem = fails
      ? 'no luck'
      : problemIn(() => void (this.total = convert(this.total, [{ ...command }])))?.message;
    this.statuses.push({
      ...{ type: 'operation-status', agent: 'a1', operation: uuid, uuid: `s${uuid}` },
      ...(framework === undefined ? {} : { framework }),
      ...(id === undefined ? {} : { id }),
      state: problem === undefined ? 'finished' : 'dropped',
    });
  }

  /** Its connection broke, and what was on its way to it is lost. */
  private return(): void {
    this.commands = [];
    this.send({ type: 'agent-disconnected', agent: 'a1' });
    const operations = this.statuses.map(({ operation, framework, id, state, uuid }) => ({
      ...{ operation, state },
      ...(framework === undefined ? {} : { framework }),
      ...(id === undefined ? {} : { id }),
      ...(uuid === undefined ? {} : { statusUuid: uuid }),
    }));
    const back = { agent: 'a1', resources: this.total, capabilities: agentCapabilities, operations };
    this.send({ type: 'reregister', ...back });
  }

  /** Everything arrives, and everything is acknowledged. */
  settle(): void {
    while (this.commands.length > 0) this.obey(false);
    for (let left = this.statuses.length; left >= 0; left -= 1) {
      for (const said of this.statuses) this.send(said);
      for (const known of this.heard.splice(0)) {
        this.send({ type: 'acknowledge-operation', framework: 'f1', connection: 'c', ...known });
      }
    }
  }
}

it('master and agent agree on what there is when every operation is settled, whatever failed (OP-3)', () => {
  const counts = new Map<string, number>();
  const history = fc.array(
    fc.record({ act: fc.constantFrom(...acts), numbers: fc.array(fc.nat(9_999), { minLength: 24, maxLength: 24 }) }),
    { maxLength: 60, size: 'max' },
  );
  fc.assert(
    fc.property(history, (steps) => {
      const both = new Both();
      for (const { act, numbers } of steps) both.act(act, new Choices(numbers));
      both.settle();
      expect(String(both.state.allocator.agents.get('a1')?.total)).toBe(String(both.total));
      expect(both.state.operations.size).toBe(0);
      expect(both.statuses).toEqual([]);
      for (const [what, times] of both.counts) counts.set(what, (counts.get(what) ?? 0) + times);
    }),
    { numRuns: 300 },
  );
  for (const what of ['owed', 'finished', 'dropped', 'error']) expect(counts.get(what), what).toBeGreaterThan(50);
});
