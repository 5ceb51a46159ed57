/** A cluster with everything that is real in it, and a network, clock and people that are not. */
import {
  deserialize,
  recoverCluster,
  registryOf,
  serialize,
  type ClusterState,
  type ConfigLike,
} from '../../cluster/index.js';
import { createMaster, replay, type ControlLike, type Master } from '../../master/index.js';
import { isInputError } from '../../master/errors.js';
import { messageOf } from '../../framework-api/task-function.js';
import { hashText, mix } from '../../resources/index.js';
import type { Policy } from '../../offers/index.js';
import {
  manualClock,
  memoryTransport,
  type ManualClock,
  type MemoryAgent,
  type MemoryTransport,
} from '../../transport/index.js';
import { MasterClock } from './master-clock.js';
import { FaultyNetwork } from './network.js';
import { agentName, type FaultPlan } from './plan.js';
import { SimFramework } from './sim-framework.js';
import { scriptedExecutor } from './task-executor.js';
import { Watch } from './watch.js';

/** By whom masters are told whom to prefer, and who is told what they take. */
export interface FaultOptions {
  /** Default `drf`. */
  readonly policy?: Policy;
  /** Is given what each master records, line by line; the first line of each is its starting state. */
  readonly record?: (line: string) => void;
}

/** Everything there is in one simulated history. */
export class World {
  readonly plan: FaultPlan;
  readonly clock: ManualClock;
  readonly masterClock: MasterClock;
  readonly network: FaultyNetwork;
  readonly transport: MemoryTransport;
  readonly watch: Watch;
  /** By place; a machine that was marked gone is followed by another. */
  readonly agents: MemoryAgent[] = [];
  /** All that there ever were, those that are gone too. */
  readonly everyAgent: MemoryAgent[] = [];
  /** Ids of those that the operator gave up. */
  readonly givenUp: Set<string> = new Set();
  readonly frameworks: SimFramework[] = [];
  /** Absent while it is down. */
  master: Master | undefined;
  /** What the last master had when it failed, or has now. */
  #state: ClusterState | undefined;
  readonly #options: FaultOptions;

  constructor(plan: FaultPlan, options: FaultOptions) {
    this.plan = plan;
    this.#options = options;
    this.clock = manualClock();
    this.masterClock = new MasterClock(this.clock);
    this.watch = new Watch(() => this.clock.now());
    const failed = (error: unknown): void => this.watch.fail('throws', 'a party', messageOf(error));
    const { seed, weather, habits, size } = plan;
    this.transport = memoryTransport({ clock: this.clock, seed, onError: failed });
    this.network = new FaultyNetwork(this.transport, {
      clock: this.clock,
      master: this.masterClock,
      seed,
      weather,
      ears: this.watch,
    });
    this.startMaster();
    for (let n = 0; n < size.agents; n += 1) this.addAgent(agentName(n), n);
    const wants = Math.ceil(size.tasks / size.frameworks);
    const host = { transport: this.transport, clock: this.clock, seed, habits, wants, failed };
    for (const [n, framework] of plan.frameworks.slice(0, size.frameworks).entries()) {
      this.frameworks.push(new SimFramework(n, framework, host));
    }
    for (const framework of this.frameworks) framework.start();
  }

  /** The cluster as its master has it, or had it when it failed. */
  get state(): ClusterState {
    const state = this.master?.state ?? this.#state;
    if (state === undefined) throw new RangeError('there never was a master');
    return state;
  }

  addAgent(id: string, place: number): void {
    const { machines, seed } = this.plan;
    const resources = machines[place % machines.length] ?? 'cpus:1;mem:64';
    const handle = this.transport.agent(id, resources, {
      seed: mix(seed, hashText(id)),
      heartbeatMs: 15_000,
      hostname: agentName(place),
      attributes: `rack:r${place % 4}`,
      run: scriptedExecutor(this.clock),
    });
    this.agents[place] = handle;
    this.everyAgent.push(handle);
  }

  /** Starts a master, on a state if there is one. */
  startMaster(state?: ClusterState): void {
    const { policy, record } = this.#options;
    const master = createMaster({
      transports: [this.network],
      clock: this.masterClock,
      ...(state === undefined ? { config: this.plan.config } : { state }),
      ...(policy && { policy }),
      ...(record && { record }),
    });
    master.on('transition', (step) => this.watch.step(step));
    master.on('error', (error) => this.watch.fail('throws', error.code, error.message));
    this.master = master;
  }

  /** The master's machine fails: what it had not said yet is never said. */
  failMaster(): void {
    const { master } = this;
    if (master === undefined) return;
    this.network.fail();
    this.#state = master.state;
    this.master = undefined;
    void master.close();
  }

  /** Another master takes over, from all that the last one had, or from what must survive it. */
  takeOver(from: 'state' | 'registry'): void {
    if (this.master !== undefined) return;
    this.startMaster(from === 'state' ? this.#restored() : this.#recovered());
  }

  /** The operator wants something. It may be refused: then nothing happened. */
  control(control: ControlLike): void {
    this.master?.control(control).catch((error: unknown) => {
      if (!isInputError(error)) this.watch.fail('throws', control.type, messageOf(error));
    });
  }

  /** H6: what was recorded since a master started plays again to the same bytes. */
  replays(lines: readonly string[]): void {
    const { policy } = this.#options;
    const again = bytesOf(replay(lines, policy === undefined ? {} : { policies: [policy] }));
    if (again !== bytesOf(this.state)) this.watch.fail('H6', 'the record', 'it plays to another state');
  }

  /** I13: what is written down is read back as it was. */
  #restored(): ClusterState {
    const bytes = bytesOf(this.state);
    const state = deserialize([bytes]);
    if (bytesOf(state) !== bytes) this.watch.fail('I13', 'the saved state', 'it is read back as another one');
    return state;
  }

  #recovered(): ClusterState {
    const { config: was } = this.state;
    const config: ConfigLike = { ...was, masterId: was.masterId };
    const state = recoverCluster(registryOf(this.state), config, Math.floor(this.masterClock.now()));
    this.watch.look(state);
    return state;
  }
}

/** All bytes of a state. */
export function bytesOf(state: ClusterState): string {
  return [...serialize(state)].join('');
}
