/** What always holds of operations. */
import { first, firstOfBig, type Pace, type Steps } from '../../resources/steps.js';
import { isTerminalOperation } from '../../tasks/index.js';
import type { Input } from '../inputs.js';
import type { Agent, ClusterState } from '../state.js';
import { broken, partsOfAgent, type Violation } from './rule.js';

/**
 * I12 for operations: the table, agents and frameworks name the same ones. I7 for operations: one that is over stays until
 * that is acknowledged, or while what it did in advance may still be undone (OP-2, OP-3).
 */
export function* operationsHold(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  let named = 0;
  const wrong = yield* first(
    state.agents.walk(),
    pace,
    (agent) => {
      named += new Set(agent.operations).size;
      return oddOperationOf(state, agent);
    },
    partsOfAgent,
  );
  if (wrong !== undefined) return wrong;
  if (named !== state.operations.size) return broken('I12', 'operations', 'some are of no agent, or of several');
  let ids = 0;
  const stranger = yield* firstOfBig(state.frameworks.walk(), pace, (framework) => {
    ids += framework.operations.size;
    return first(framework.operations.walk(), pace, (uuid, id) => {
      const row = state.operations.get(uuid);
      if (row?.framework === framework.id && row.id === id) return undefined;
      return broken('I12', framework.id, `it calls ${id} what is not its operation`);
    });
  });
  if (stranger !== undefined) return stranger;
  const orphan = yield* first(state.operations.walk(), pace, ({ uuid, framework, id }) => {
    if (id !== null) ids -= 1;
    const isKnown = framework === null ? id === null : state.frameworks.has(framework);
    return isKnown ? undefined : broken('I12', uuid, 'its framework is not there');
  });
  if (orphan !== undefined) return orphan;
  return ids === 0 ? undefined : broken('I12', 'operations', 'a framework does not know one of its own');
}

function oddOperationOf(state: ClusterState, agent: Agent): Violation | undefined {
  const stray = agent.operations.find((uuid) => state.operations.get(uuid)?.agent !== agent.id);
  if (stray !== undefined) return broken('I12', agent.id, `it names operation ${stray}, which is not there`);
  const rows = agent.operations.flatMap((uuid) => state.operations.get(uuid) ?? []);
  const debts = rows.filter(({ owed }) => owed).length;
  if (agent.debts !== debts) return broken('I12', agent.id, `${debts} of its operations are owed, not ${agent.debts}`);
  const mayFail = rows.some((row) => !isTerminalOperation(row.state));
  for (const row of rows) {
    if (row.owed && (!mayFail || !isTerminalOperation(row.state) || row.conversions.length === 0)) {
      return broken('I7', row.uuid, 'what can not be undone any more is owed');
    }
    if (isTerminalOperation(row.state) && row.statusUuid === null && !row.owed) {
      return broken('I7', row.uuid, `it is ${row.state} and nobody will acknowledge that`);
    }
  }
  return undefined;
}

/** I5 for operations: what ended stays as it ended (OP-1). */
export function endsStay(before: ClusterState, input: Input, after: ClusterState): Violation | undefined {
  if (input.type === 'batch' || after.operations === before.operations) return undefined;
  for (const { uuid, agent, state } of after.operations.values()) {
    // Of an agent that was given up and came back within the step it is another row.
    if (before.agents.get(agent)?.registeredAt !== after.agents.get(agent)?.registeredAt) continue;
    const was = before.operations.get(uuid)?.state ?? state;
    if (isTerminalOperation(was) && was !== state) return broken('I5', uuid, `it went from ${was} to ${state}`);
  }
  return undefined;
}
