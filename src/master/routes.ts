import type { ClusterState, Input, Output, SchedulerEvent } from '../cluster/index.js';
import type { Command } from '../tasks/index.js';
import { isCall, isReport, plainInputs } from './inputs.js';
import type { AgentPort, FrameworkPort } from './ports.js';

/** Somebody who brings parties and carries their answers back: a transport, the host itself, or one in-process scheduler. */
export interface Origin {
  readonly agents?: AgentPort;
  readonly frameworks?: FrameworkPort;
  /** Hears under which id the framework that it brought was admitted. */
  admitted?(framework: string): void;
}

/** An output, and who carries it; `undefined` = nobody ever brought that party. */
export interface Routed {
  readonly output: Output;
  readonly origin: Origin | undefined;
}

/** Who brought an input, and over which connections its calls came. */
interface Asker {
  readonly origin: Origin;
  readonly connections: ReadonlySet<string>;
}

/** Tables are swept when they have outgrown the cluster by this factor and so much. */
const slack = { factor: 2, extra: 64 };

/** Who brought which party: whoever came in one way is answered that way. */
export class Routes {
  readonly #fallback: Origin;
  readonly #agents = new Map<string, Origin>();
  /** By framework, then by connection: while a newer subscription takes over, the older one still hears of it. */
  readonly #frameworks = new Map<string, Map<string, Origin>>();

  /** @param fallback who carries commands for agents that nobody brought, such as those of a restored state. */
  constructor(fallback: Origin) {
    this.#fallback = fallback;
  }

  /** Finds the ways of a transition's outputs, and learns from them. `origin` brought the input, if anybody did. */
  route(input: Input, outputs: readonly Output[], state: ClusterState, origin: Origin | undefined): readonly Routed[] {
    if (origin !== undefined) this.#learn(input, state, origin);
    const asker = origin && { origin, connections: connectionsOf(input) };
    const routed = outputs.map((output) => ({ output, origin: this.#wayOf(output, asker) }));
    this.#sweep(state);
    return routed;
  }

  /** Parties that were known before this process, or that another way had brought, now come this way. */
  #learn(input: Input, state: ClusterState, origin: Origin): void {
    for (const each of plainInputs(input)) {
      if (isCall(each) && each.framework !== undefined) {
        const { framework, connection } = each;
        if (state.frameworks.get(framework)?.connection === connection)
          this.#setFramework(framework, connection, origin);
      } else if (isReport(each) && each.agent !== undefined && !this.#agents.has(each.agent)) {
        if (state.agents.has(each.agent)) this.#agents.set(each.agent, origin);
      }
    }
  }

  #wayOf(output: Output, asker: Asker | undefined): Origin | undefined {
    switch (output.type) {
      case 'policy-failed':
      case 'report-refused':
        return undefined;
      case 'subscribed':
      case 'offers':
      case 'rescind':
      case 'inverse-offers':
      case 'rescind-inverse-offer':
      case 'update':
      case 'operation-update':
      case 'agent-message':
      case 'failure':
      case 'rejected':
      case 'error':
        return this.#wayOfEvent(output, asker);
      default:
        return this.#wayOfCommand(output, asker?.origin);
    }
  }

  #wayOfEvent(event: SchedulerEvent, asker: Asker | undefined): Origin | undefined {
    const { framework, connection } = event;
    // What answers a call goes to the caller, who need not be anybody yet.
    const caller = asker?.connections.has(connection) === true ? asker.origin : undefined;
    if (event.type === 'rejected') return caller ?? this.#framework(framework, connection);
    if (event.type === 'subscribed' && caller !== undefined) {
      this.#setFramework(event.framework, connection, caller);
      caller.admitted?.(event.framework);
    }
    const way = this.#framework(framework, connection);
    if (event.type !== 'error') return way;
    if (framework !== undefined) this.#frameworks.get(framework)?.delete(connection);
    return way ?? caller;
  }

  #wayOfCommand(command: Command, origin: Origin | undefined): Origin {
    if (command.type === 'registration-refused') return origin ?? this.#fallback;
    if (command.type === 'registered' && origin !== undefined) this.#agents.set(command.agent, origin);
    return this.#agents.get(command.agent) ?? this.#fallback;
  }

  #framework(framework: string | undefined, connection: string): Origin | undefined {
    return framework === undefined ? undefined : this.#frameworks.get(framework)?.get(connection);
  }

  #setFramework(framework: string, connection: string, origin: Origin): void {
    const connections = this.#frameworks.get(framework) ?? new Map<string, Origin>();
    // A superseded one is not kept for longer than its successor's turn.
    for (const older of [...connections.keys()].slice(0, -1)) connections.delete(older);
    connections.set(connection, origin);
    this.#frameworks.set(framework, connections);
  }

  /** Forgets the ways to parties that are gone, now and then. */
  #sweep({ agents, recovered, unreachable, frameworks }: ClusterState): void {
    const known = agents.size + recovered.size + unreachable.size;
    if (this.#agents.size > known * slack.factor + slack.extra) {
      for (const id of [...this.#agents.keys()]) {
        if (!agents.has(id) && !recovered.has(id) && !unreachable.has(id)) this.#agents.delete(id);
      }
    }
    if (this.#frameworks.size > frameworks.size * slack.factor + slack.extra) {
      for (const id of [...this.#frameworks.keys()]) if (!frameworks.has(id)) this.#frameworks.delete(id);
    }
  }
}

const none: ReadonlySet<string> = new Set();

function connectionsOf(input: Input): ReadonlySet<string> {
  const calls = plainInputs(input).filter(isCall);
  return calls.length === 0 ? none : new Set(calls.map(({ connection }) => connection));
}
