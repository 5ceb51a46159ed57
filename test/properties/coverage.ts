/** What happened over all histories, counted: a generator that never accepts an offer proves nothing. */
import { inputTypes, type ClusterState, type Input, type Output } from '../../src/cluster/index.js';
import { isTerminal } from '../../src/tasks/index.js';
import type { Step } from './history.js';

export class Coverage {
  readonly #counts = new Map<string, number>();

  count(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** Notes everything of interest in a step. */
  note({ before, input, after, outputs, refused }: Step): void {
    for (const one of input.type === 'batch' ? input.inputs : [input]) this.count(`input ${one.type}`);
    if (input.type === 'batch') this.count('input batch');
    if (refused !== undefined) this.count(`refused ${refused}`);
    for (const output of outputs) this.#noteOutput(output);
    this.#noteAccept(before, input, outputs);
    this.#noteState(before, after);
  }

  #noteOutput(output: Output): void {
    this.count(`output ${output.type}`);
    if (output.type === 'rejected' || output.type === 'error') this.count(`${output.type} ${output.code}`);
    if (output.type === 'update') {
      this.count(`update ${output.status.state}`);
      if (output.status.reason !== undefined) this.count(`reason ${output.status.reason}`);
    }
    if (output.type === 'operation-update') {
      this.count(`operation ${output.state} ${output.uuid === undefined ? 'once' : 'to be acknowledged'}`);
    }
    if (output.type === 'launch' && output.task.executor !== undefined) this.count('launch with executor');
  }

  #noteAccept(before: ClusterState, input: Input, outputs: readonly Output[]): void {
    if (input.type !== 'accept' || !outputs.some(({ type }) => type === 'launch' || type === 'launch-group')) return;
    if (input.offers.length > 1 && input.offers.every((id) => before.offers.has(id)))
      this.count('merged offers launched');
  }

  #noteState(before: ClusterState, after: ClusterState): void {
    const { counters } = after;
    if (counters.stalls > before.counters.stalls) this.count('stall');
    if (counters.clockBackwards > before.counters.clockBackwards) this.count('clock went back');
    if (counters.staleCalls > before.counters.staleCalls) this.count('stale call');
    if (counters.invalidAcknowledgements > before.counters.invalidAcknowledgements)
      this.count('invalid acknowledgement');
    if (counters.invalidStatusReports > before.counters.invalidStatusReports) this.count('invalid status');
    after.agents.forEach((agent) => {
      if (agent.overcommitted) this.count('agent overcommitted');
      if (agent.executors.length > 0) this.count('executor runs');
      if (agent.kills.length > 0) this.count('kill remembered');
    });
    after.frameworks.forEach((framework) => {
      if (framework.unreachableTasks.size > 0) this.count('unreachable tasks');
      if (framework.unanswered.size > 0) this.count('silent framework');
      if (framework.settings.offerConstraints.length > 0) this.count('constrained framework');
      if (framework.state !== 'connected') this.count(`framework ${framework.state}`);
      framework.tasks.forEach((task) => {
        if (task.resources.items.some(({ revocable }) => revocable === true)) this.count('revocable used');
        if (isTerminal(task.state)) this.count('terminal task waits');
      });
    });
    after.allocator.agents.forEach(({ refusals, held }) => {
      if (refusals.groups.length > 0) this.count('filters');
      for (const { resources } of held) {
        for (const item of resources.items) {
          if (item.disk?.id !== undefined) this.count('volume held');
          if (item.revocable === true) this.count('revocable held');
          if ((item.shared ?? 0) > 1) this.count('several copies held');
          if (item.reservations.length > 1) this.count('refined reservation held');
        }
      }
    });
    this.#noteOperations(after);
    this.#noteMaintenance(after);
    if (after.recovered.size > 0) this.count('recovered agents');
    if (after.unreachable.size > 0) this.count('unreachable agents');
    if (after.allocator.awaiting !== null) this.count('agents awaited');
    if (before.allocator.awaiting !== null && after.allocator.awaiting === null) {
      this.count(after.allocator.agents.size > before.allocator.agents.size ? 'enough came back' : 'wait over');
    }
    const most = after.config.maxOffersPerFramework ?? Infinity;
    after.allocator.offersOut.forEach((offersOut) => {
      if (offersOut >= most)
        this.count(offersOut > most ? 'more offers out than may be' : 'as many offers out as may be');
    });
    if (after.removals !== null) this.count('removal waits for the rate limit');
    after.service.forEach(({ id, drain }) =>
      this.count(`${drain?.state ?? 'deactivated'} agent ${after.agents.has(id) ? 'here' : 'away'}`),
    );
  }

  #noteMaintenance(after: ClusterState): void {
    for (const { machines } of after.machines.values()) {
      for (const row of machines) this.count(`machine ${row.mode}`);
    }
    after.allocator.agents.forEach(({ maintenance }) => {
      for (const { outstanding, response, filter } of maintenance?.standings ?? []) {
        this.count(`asked to leave: ${outstanding ? 'no answer yet' : (response ?? 'not any more')}`);
        if (filter !== null) this.count('inverse filter');
      }
    });
  }

  #noteOperations(after: ClusterState): void {
    after.operations.forEach((row) => {
      if (row.owed) this.count('failed operation owed');
    });
  }

  /** What should have happened and did not. */
  missing(expected: readonly string[]): readonly string[] {
    return expected.filter((what) => this.of(what) === 0);
  }

  toString(): string {
    return [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, times]) => `${String(times).padStart(8)}  ${what}`)
      .join('\n');
  }
}

const outputs = [
  'subscribed',
  'offers',
  'rescind',
  'inverse-offers',
  'rescind-inverse-offer',
  'update',
  'operation-update',
  'agent-message',
  'failure',
  'rejected',
  'error',
  'registered',
  'registration-refused',
  'launch',
  'launch-group',
  'kill',
  'shutdown-executor',
  'shutdown-framework',
  'shutdown-agent',
  'acknowledge',
  'reconcile',
  'apply-operation',
  'acknowledge-operation',
  'framework-message',
  'policy-failed',
].map((type) => `output ${type}`);

/** All that a run of some thousand steps must have met. */
export const expectedCoverage: readonly string[] = [
  ...inputTypes.map((type) => `input ${type}`),
  'input batch',
  ...outputs,
  ...[
    'staging',
    'running',
    'finished',
    'failed',
    'killed',
    'error',
    'dropped',
    'unreachable',
    'lost',
    'gone',
    'unknown',
  ].map((state) => `update ${state}`),
  ...[
    'invalid-offers',
    'task-invalid',
    'task-group-invalid',
    'reconciliation',
    'agent-removed',
    'agent-reregistered',
  ].map((reason) => `reason ${reason}`),
  ...[
    'bad-config',
    'bad-weight',
    'bad-role',
    'guarantees-above-capacity',
    'limit-below-consumption',
    'insufficient-resources',
    'machine-is-down',
    'machine-not-down',
    'machine-not-scheduled',
    'machine-twice',
    'bad-machine',
    'bad-time',
    'empty-window',
    'unknown-agent',
    'unknown-framework',
  ].map((code) => `refused ${code}`),
  ...['stale-connection', 'unknown-framework', 'role-not-subscribed', 'wrong-agent', 'bad-resources'].map(
    (code) => `rejected ${code}`,
  ),
  ...['failed-over', 'framework-removed', 'principal-changed', 'bad-id', 'bad-constraints'].map(
    (code) => `error ${code}`,
  ),
  ...['pending', 'finished', 'failed', 'dropped'].map((state) => `operation ${state} to be acknowledged`),
  ...['error', 'dropped', 'finished', 'unreachable', 'gone-by-operator', 'unknown', 'recovering'].map(
    (state) => `operation ${state} once`,
  ),
  ...['draining', 'down'].map((mode) => `machine ${mode}`),
  ...['no answer yet', 'accept', 'decline', 'not any more'].map((answer) => `asked to leave: ${answer}`),
  'inverse filter',
  'failed operation owed',
  'launch with executor',
  'merged offers launched',
  'agent overcommitted',
  'constrained framework',
  'executor runs',
  'kill remembered',
  'unreachable tasks',
  'silent framework',
  'framework disconnected',
  'framework recovered',
  'terminal task waits',
  'filters',
  'volume held',
  'revocable held',
  'revocable used',
  'several copies held',
  'refined reservation held',
  'recovered agents',
  'unreachable agents',
  'removal waits for the rate limit',
  'agents awaited',
  'enough came back',
  'wait over',
  'as many offers out as may be',
  'more offers out than may be',
  ...['deactivated', 'draining', 'drained'].map((state) => `${state} agent here`),
  'draining agent away',
  'reason agent-draining',
  'update gone-by-operator',
  'stall',
  'clock went back',
  'stale call',
  'invalid acknowledgement',
  'invalid status',
];
