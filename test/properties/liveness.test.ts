/** After the faults healed, what should happen does happen (design §9, L1 … L6, for the machine alone). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyCluster,
  explain,
  maintenance,
  nextDeadline,
  stepViolation,
  transition,
  type ClusterState,
  type Input,
  type Offer,
  type Output,
  type Task,
} from '../../src/cluster/index.js';
import { isTerminal } from '../../src/tasks/index.js';
import { fullHistories, run } from './history.js';
import { histories } from './intents.js';

/** A cluster after its troubles. */
class Healing {
  state: ClusterState;

  constructor(state: ClusterState) {
    this.state = state;
  }

  tell(input: Input): readonly Output[] {
    const [after, outputs] = transition(this.state, input);
    const broken = stepViolation(this.state, input, after, outputs);
    if (broken !== undefined) throw new Error(`${broken.rule} ${broken.where}: ${broken.what} after ${input.type}`);
    this.state = after;
    return outputs;
  }

  get at(): number {
    return this.state.now;
  }

  /** All agents come back with what they run, and are not watched; frameworks subscribe and want everything, the operator lets them. */
  heal(): void {
    const { at } = this;
    this.tell({ type: 'resume', at });
    this.tell({ type: 'set-whitelist', at, hosts: null });
    this.tell({ type: 'configure', at, config: { roles: null, recoveryWaitMs: null, maxOffersPerFramework: null } });
    const machines = maintenance(this.state).down;
    if (machines.length > 0) this.tell({ type: 'machine-up', at, machines });
    for (const framework of this.state.frameworks.keys()) this.subscribe(framework);
    const { agents, unreachable, recovered } = this.state;
    for (const agent of [...agents.keys(), ...unreachable.keys(), ...recovered.keys()]) this.comeBack(agent);
  }

  private subscribe(framework: string): void {
    const known = this.state.frameworks.get(framework);
    if (known === undefined) return;
    const { at } = this;
    const { roles, principal, capabilities } = known.settings;
    const connection = `again ${this.state.seq}`;
    const named = capabilities.includes('multi-role') ? { roles } : { role: roles[0] ?? '*' };
    const outputs = this.tell({
      type: 'subscribe',
      at,
      framework,
      connection,
      capabilities,
      ...named,
      ...(principal === null || known.state === 'recovered' ? {} : { principal }),
      failoverTimeoutMs: 600_000,
    });
    expect(outputs.map(({ type }) => type)).toContain('subscribed');
    this.tell({ type: 'revive', at, framework, connection });
  }

  private comeBack(agent: string): void {
    const { at, state } = this;
    const booked = state.frameworks
      .values()
      .flatMap(({ tasks, unreachableTasks }): readonly Task[] =>
        [...tasks.values(), ...unreachableTasks.values()].filter((task) => task.agent === agent),
      );
    const row = state.agents.get(agent);
    const hostname = state.allocator.agents.get(agent)?.hostname ?? state.recovered.get(agent)?.hostname;
    const outputs = this.tell({
      type: 'reregister',
      at,
      agent,
      ...(hostname === undefined ? {} : { hostname }),
      resources: state.allocator.agents.get(agent)?.total ?? 'cpus:4;mem:4096',
      tasks: booked.map(({ framework, id, role, resources, state: was, status }) => ({
        framework,
        id,
        role,
        resources,
        state: was === 'unreachable' ? ('running' as const) : was,
        ...(status?.uuid === undefined ? {} : { statusUuid: status.uuid, statusState: status.state }),
      })),
      executors: (row?.executors ?? []).map(({ framework, role, info }) => ({ ...info, framework, role })),
    });
    const [refused] = outputs.flatMap((output) => (output.type === 'registration-refused' ? [output] : []));
    // Somebody else may have more by now than can be counted beside it.
    if (refused?.code !== 'too-large') expect(refused).toBeUndefined();
  }

  /** Every task ends; every end is told, and acknowledged. */
  finishEverything(): void {
    const tasks = this.state.frameworks.values().flatMap((framework) => framework.tasks.values());
    for (const { framework, agent, id, state } of tasks) {
      const uuid = `end ${id}`;
      const end = isTerminal(state) ? state : ('finished' as const);
      this.tell({ type: 'status', at: this.at, agent, framework, task: id, state: end, uuid, source: 'agent' });
      const connection = this.state.frameworks.get(framework)?.connection ?? '';
      this.tell({ type: 'acknowledge', at: this.at, connection, framework, agent, task: id, uuid });
    }
  }

  /** Everybody declines everything for an hour; who was offered what in so many batches. */
  declineFor(batches: number): readonly Offer[] {
    const offered: Offer[] = [];
    const interval = this.state.config.allocationIntervalMs;
    for (let n = 0; n < batches; n += 1) {
      const at = (Math.floor(this.at / interval) + 1) * interval;
      const outputs = [...this.tell({ type: 'tick', at }), ...this.tell({ type: 'allocate', at, agents: 'all' })];
      const offers = outputs.flatMap((output) => (output.type === 'offers' ? output.offers : []));
      offered.push(...offers);
      for (const { id, framework } of offers) {
        const connection = this.state.frameworks.get(framework)?.connection ?? '';
        this.tell({ type: 'decline', at, connection, framework, offers: [id], refuseSeconds: 3_600 });
      }
    }
    return offered;
  }
}

function key(framework: string, role: string, agent: string): string {
  return JSON.stringify([framework, role, agent]);
}

describe('after the faults healed', () => {
  it('everybody is offered, within twenty batches, each agent that may be offered to it', () => {
    let wanted = 0;
    fc.assert(
      fc.property(fullHistories(histories(40)), ({ beginning, intents }) => {
        const healing = new Healing(run(beginning, intents).state);
        healing.heal();
        const due = healing.state.frameworks
          .keys()
          .flatMap((framework) =>
            explain(healing.state, { framework }).agents.flatMap(({ agent, role, reason }) =>
              reason.code === 'offered-now' || reason.code === 'outranked' ? [key(framework, role, agent)] : [],
            ),
          );
        wanted += due.length;
        const offered = new Set(
          healing.declineFor(20).map(({ framework, role, agent }) => key(framework, role, agent)),
        );
        expect(due.filter((one) => !offered.has(one))).toEqual([]);
      }),
      { numRuns: 225 },
    );
    expect(wanted).toBeGreaterThan(100);
  });

  it('everybody is asked within two batches to leave what will be away, if they hold something there', () => {
    let asked = 0;
    fc.assert(
      fc.property(fullHistories(histories(40)), ({ beginning, intents }) => {
        const box = new Healing(run(beginning, intents).state);
        box.heal();
        const hosts = box.state.allocator.agents.values().map(({ hostname }) => hostname.toLowerCase());
        const machines = [...new Set(hosts)].map((hostname) => ({ hostname }));
        const unavailability = { start: box.at + 1 };
        const windows = machines.length === 0 ? [] : [{ machines, unavailability }];
        box.tell({ type: 'set-maintenance', at: box.at, windows });
        box.declineFor(2);
        for (const { id, active, held } of box.state.allocator.agents.values()) {
          const standing = box.state.inverseOffers.values().filter(({ offer }) => offer.agent === id);
          const holders = active ? new Set(held.map(({ framework }) => framework)) : [];
          for (const framework of holders) {
            expect(standing.map(({ offer }) => offer.framework)).toContain(framework);
            asked += 1;
          }
        }
      }),
      { numRuns: 200 },
    );
    expect(asked).toBeGreaterThan(20);
  });

  it('ends that are told and acknowledged are forgotten, and nothing is held any more', () => {
    let ended = 0;
    fc.assert(
      fc.property(fullHistories(histories(50)), ({ beginning, intents }) => {
        const healing = new Healing(run(beginning, intents).state);
        healing.heal();
        ended += healing.state.frameworks.values().reduce((sum, { tasks }) => sum + tasks.size, 0);
        healing.finishEverything();
        for (const framework of healing.state.frameworks.values()) {
          expect(framework.tasks.keys()).toEqual([]);
          expect(framework.unreachableTasks.keys().length).toBeLessThanOrEqual(
            healing.state.config.maxUnreachableTasks,
          );
        }
        for (const { agent, executor } of executorsOf(healing.state)) {
          const { at } = healing;
          healing.tell({
            type: 'executor-exited',
            at,
            agent,
            framework: executor.framework,
            executor: executor.info.id,
          });
        }
        for (const { id, held, offers, total, free } of healing.state.allocator.agents.values()) {
          if (offers.length === 0) expect([held, String(free)]).toEqual([[], String(total)]);
          expect(healing.state.agents.get(id)?.overcommitted).toBe(false);
        }
      }),
      { numRuns: 225 },
    );
    expect(ended).toBeGreaterThan(20);
  });

  it('offers that nobody answers come back, and are offered again later', () => {
    let seen = 0;
    fc.assert(
      fc.property(histories(30), (intents) => {
        const healing = new Healing(run(emptyCluster(), intents).state);
        healing.heal();
        healing.tell({
          type: 'configure',
          at: healing.at,
          config: { offerTimeoutMs: 300_000, unansweredFilterMs: 5_000 },
        });
        healing.tell({ type: 'allocate', at: healing.at, agents: 'all' });
        const standing = healing.state.offers.keys();
        const expected = new Set(healing.state.offers.values().map(({ offer }) => offer.agent));
        seen += standing.length;
        const end = healing.at + 1_300_000;
        for (let at = nextDeadline(healing.state); at !== undefined && at <= end; at = nextDeadline(healing.state)) {
          healing.tell({ type: 'tick', at });
          for (const output of healing.tell({ type: 'allocate', at })) {
            if (output.type === 'offers') for (const { agent } of output.offers) expected.delete(agent);
          }
        }
        expect([...expected]).toEqual([]);
        expect(standing.filter((id) => healing.state.offers.has(id))).toEqual([]);
      }),
      { numRuns: 120 },
    );
    expect(seen).toBeGreaterThan(20);
  });
});

function executorsOf(state: ClusterState): readonly { readonly agent: string; readonly executor: ExecutorRow }[] {
  return state.agents.values().flatMap(({ id, executors }) => executors.map((executor) => ({ agent: id, executor })));
}

type ExecutorRow = ReturnType<ClusterState['agents']['values']>[number]['executors'][number];
