import {
  emptyStandIn,
  nextStandInDeadline,
  standInCommand,
  standInGone,
  standInLost,
  standInReport,
  standInTick,
  type StandIn,
} from '../agent/stand-in.js';
import type { Batch, ClusterState, Input, Output } from '../cluster/index.js';
import { mix } from '../resources/index.js';
import type { Command, Report } from '../tasks/index.js';
import type { AgentEvent } from './events.js';
import { isReport } from './inputs.js';

type Plain = Exclude<Input, Batch>;

/** Reports that change what is kept of an agent. */
const concerned: ReadonlySet<Report['type']> = new Set(['register', 'reregister', 'unregister', 'status']);

/**
 * The update streams that the master keeps for agents that keep none: what they say without a uuid gets one here, is
 * sent to the machine again until it is acknowledged, and is acknowledged here (UPD-1 … UPD-4).
 */
export class StandIns {
  #standIn: StandIn;

  /** Agents that are registered already are stood in for from the start. */
  constructor({ config, seq, now, agents }: ClusterState) {
    // A restored state goes on with uuids that it has not seen.
    this.#standIn = emptyStandIn({ seed: mix(config.seed, seq) });
    for (const [agent, { streams, connected }] of agents.entries()) {
      if (streams) continue;
      this.#standIn = standInReport(this.#standIn, { type: 'reregister', agent, resources: '' }, now)[0];
      if (connected) this.#standIn = standInCommand(this.#standIn, { type: 'registered', agent }, now)[0];
    }
  }

  /** When something is to be sent again, ms; `undefined` = never. */
  get deadline(): number | undefined {
    return nextStandInDeadline(this.#standIn);
  }

  /** What the machine is to see of an input: reports may be held back, changed, or followed by what is due. */
  inward(input: Input): readonly Input[] {
    if (input.type !== 'batch') return isReport(input) ? this.#report(input) : [input];
    const inputs = input.inputs.flatMap((each): readonly Plain[] => (isReport(each) ? this.#report(each) : [each]));
    return [{ ...input, inputs }];
  }

  /** What agents are to see of the machine's outputs, and what the machine is to hear of them in turn. */
  outward(
    outputs: readonly Output[],
    at: number,
  ): { readonly outputs: readonly Output[]; readonly inputs: readonly Plain[] } {
    const inputs: Plain[] = [];
    const passed = outputs.flatMap((output): readonly Output[] => {
      if (!isCommand(output)) return [output];
      const [standIn, commands, reports] = standInCommand(this.#standIn, output, at);
      this.#standIn = standIn;
      inputs.push(...reports.map((report) => ({ ...report, at })));
      return commands;
    });
    return { outputs: passed, inputs };
  }

  /** What is due is said again. */
  tick(at: number): readonly Plain[] {
    const [standIn, reports] = standInTick(this.#standIn, at);
    this.#standIn = standIn;
    return reports.map((report) => ({ ...report, at }));
  }

  /** Updates of agents that are away wait; those of agents that are gone are forgotten. */
  note({ type, agent }: AgentEvent): void {
    if (type === 'removed' || type === 'gone') this.#standIn = standInGone(this.#standIn, agent);
    else if (type === 'disconnected' || type === 'unreachable') this.#standIn = standInLost(this.#standIn, agent);
  }

  #report(report: Report & { readonly at: number }): readonly Plain[] {
    // Heartbeats, of which there are many, are none of a stand-in's business.
    if (!concerned.has(report.type)) return [report];
    const { at } = report;
    const [standIn, reports] = standInReport(this.#standIn, report, at);
    this.#standIn = standIn;
    return reports.map((each) => ({ ...each, at }));
  }
}

const commands: Readonly<Record<Command['type'], true>> = {
  registered: true,
  'registration-refused': true,
  launch: true,
  'launch-group': true,
  kill: true,
  'shutdown-executor': true,
  'shutdown-framework': true,
  'shutdown-agent': true,
  acknowledge: true,
  'acknowledge-operation': true,
  reconcile: true,
  'apply-operation': true,
  'framework-message': true,
};

/** Whether an output is for an agent. */
export function isCommand(output: Output): output is Command {
  return Object.hasOwn(commands, output.type);
}
