import { describe, expect, it } from 'vitest';
import {
  deserialize,
  parseInput,
  recoverCluster,
  registryOf,
  serialize,
  transition,
  violation,
  type ClusterState,
} from '../../src/cluster/index.js';
import { InputError } from '../../src/resources/index.js';
import { mutants, richState } from './damage.js';

function bytes(state: ClusterState): string {
  return [...serialize(state)].join('');
}

/** What happens to a cluster sooner or later; much of it subtracts from what was added up. */
const later: readonly object[] = [
  { type: 'tick' },
  { type: 'allocate', agents: 'all' },
  { type: 'status', agent: 'a1', framework: 'f3', task: 't-a1', state: 'finished', uuid: 'u9' },
  { type: 'revive', connection: 'c1', framework: 'f1' },
  { type: 'reregister', agent: 'a2', resources: 'cpus:8' },
  { type: 'mark-unreachable', agent: 'a5' },
  { type: 'set-quota', force: true, quotas: [{ role: 'batch', guarantees: { cpus: 5 } }] },
  { type: 'configure', config: { maxCompletedTasks: 0, maxUnreachableTasks: 0 } },
  { type: 'teardown-framework', framework: 'f1' },
  { type: 'teardown-framework', framework: 'f2' },
  { type: 'teardown-framework', framework: 'f3' },
  { type: 'mark-gone', agent: 'a1' },
  { type: 'set-maintenance', windows: [] },
  { type: 'allocate', agents: 'all' },
  { type: 'tick' },
];

/** Goes on with a state; whatever is not a refusal of the input is thrown. */
function live(start: ClusterState): ClusterState {
  let state = start;
  for (const [index, input] of later.entries()) {
    try {
      [state] = transition(state, parseInput(input, start.now + 100_000 * index));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return state;
}

describe('a damaged state', () => {
  it('is refused by code and path, or is one that could have been', () => {
    const saved = bytes(richState());
    expect(bytes(deserialize([saved]))).toBe(saved);
    const counts = { refused: 0, read: 0 };
    for (const { where, document } of mutants(JSON.parse(saved), 5)) {
      let state: ClusterState;
      try {
        state = deserialize([JSON.stringify(document)]);
      } catch (error) {
        expect(error, where).toBeInstanceOf(InputError);
        expect(['bad-state', 'unknown-version'], where).toContain((error as InputError).code);
        counts.refused += 1;
        continue;
      }
      counts.read += 1;
      expect(violation(state), where).toBeUndefined();
      expect(JSON.parse(bytes(state)), where).toEqual(document);
      expect(violation(live(state)), where).toBeUndefined();
    }
    expect(counts.refused).toBeGreaterThan(10 * counts.read);
  });

  it.each([
    [/"now":\d+,"offerRuns"/, '"now":0.5,"offerRuns"', 'now'],
    [/"id":"a1","inverseOffers"/, '"id":"a9","inverseOffers"', 'agents["a1"]'],
    [/"connected":true/, '"connected":1', 'agents["a1"].connected'],
    [/"nextOffer":\d+,/, '', 'nextOffer'],
    [/"nextOffer":/, '"lastOffer":0,"nextOffer":', 'lastOffer'],
    [/("executors":\[{"framework":"f3","info":.*?"role":")batch"/, '$1web"', 'agents["a1"].executors[0]'],
    [/"quotas":{"\$table":\[\["web"/, '"quotas":{"$table":[[""', 'allocator.quotas[""]'],
    [
      /"guarantees":{"\$quantities":\[\["cpus"/,
      '"guarantees":{"$quantities":[[""',
      'allocator.quotas["web"].guarantees[0][0]',
    ],
    [/("machines":\[){("hostname":"a1","ip":)null/, '$1{$2""', 'machines["hostname a1"].machines[0].ip'],
    [/("machines":\[)({"hostname":"a1".*?"window":0})\]/, '$1$2,$2]', 'machines["hostname a1"].machines[1]'],
  ])('says where it is: %s', (what, instead, path) => {
    const saved = bytes(richState());
    const damaged = saved.replace(what, instead);
    expect(damaged).not.toBe(saved);
    expect(() => deserialize([damaged])).toThrow(expect.objectContaining({ code: 'bad-state', path }));
  });
});

const bare = { version: 1, masterId: 'm', incarnation: 0, agents: [], unreachable: [], weights: [] };

describe('a damaged registry', () => {
  it('is refused by code and path, or recovers to a state that is whole', () => {
    const registry = JSON.parse(JSON.stringify(registryOf(richState()))) as unknown;
    const codes = new Set<string>();
    for (const { where, document } of mutants(registry)) {
      try {
        expect(
          violation(live(recoverCluster(document as Parameters<typeof recoverCluster>[0]))),
          where,
        ).toBeUndefined();
      } catch (error) {
        expect(error, where).toBeInstanceOf(InputError);
        codes.add((error as InputError).code);
      }
    }
    expect([...codes].sort()).toEqual(expect.arrayContaining(['bad-registry']));
  });

  it.each([
    [null, ''],
    [{ version: 2 }, 'version'],
    [{ version: 1, masterId: 'm', incarnation: 0, agents: [{}], unreachable: [], weights: [] }, 'agents[0].id'],
    [{ version: 1, masterId: 'm', incarnation: 0, unreachable: [], weights: [] }, 'agents'],
    [
      { version: 1, masterId: 'm', incarnation: 0, agents: [], unreachable: [], weights: [{ role: 'a', weight: 0 }] },
      'weights[0].weight',
    ],
    [{ ...bare, quotas: [{ role: '', guarantees: [], limits: [] }] }, 'quotas[0].role'],
    [{ ...bare, quotas: [{ role: 'a', guarantees: [['', 1]], limits: [] }] }, 'quotas[0].guarantees'],
    [{ ...bare, maintenance: { windows: [], down: [{ hostname: 'h' }, { hostname: 'H' }] } }, 'maintenance.down'],
    [{ ...bare, maintenance: { windows: [], down: [{ hostname: '' }] } }, 'maintenance.down[0].hostname'],
  ])('says where it is: %j', (registry, path) => {
    expect(() => recoverCluster(registry as Parameters<typeof recoverCluster>[0])).toThrow(
      expect.objectContaining({ code: 'bad-registry', path }),
    );
  });
});
