/** Operations from a scheduler to a machine and back: told and acknowledged, whatever is lost on the way (OP-2). */
import { describe, expect, it } from 'vitest';
import { createMaster, type Master, type Transport } from '../../src/master/index.js';
import type { OperationUpdate } from '../../src/framework-api/index.js';
import type { OperationLike } from '../../src/cluster/index.js';
import {
  lossyTransport,
  manualClock,
  memoryTransport,
  type ManualClock,
  type MemoryAgent,
} from '../../src/transport/index.js';

const reserve = (id?: string): OperationLike => ({
  type: 'reserve',
  resources: { name: 'cpus', value: 1, reservations: [{ type: 'dynamic', role: 'web' }] },
  ...(id === undefined ? {} : { id }),
});

interface Scene {
  readonly clock: ManualClock;
  readonly master: Master;
  readonly agent: MemoryAgent;
  readonly updates: OperationUpdate[];
}

/** A scheduler that reserves something of every offer of what is not reserved, `times` times. */
async function scene(times: number, through: (memory: Transport, clock: ManualClock) => Transport): Promise<Scene> {
  const clock = manualClock();
  const memory = memoryTransport({ clock });
  const master = createMaster({ clock, transports: [through(memory, clock)] });
  const updates: OperationUpdate[] = [];
  const agent = memory.agent('a1', 'cpus:8;mem:8192');
  let n = 0;
  master.subscribe(
    { name: 'etl', roles: ['web'] },
    {
      offers(offers, driver) {
        for (const offer of offers) {
          n += 1;
          if (n <= times) driver.accept(offer, [reserve(`r${n}`)], { refuseSeconds: 0 });
          else driver.decline(offer, { refuseSeconds: 3_600 });
        }
      },
      operationUpdate: (update) => void updates.push(update),
    },
  );
  await clock.advance(5_000);
  return { clock, master, agent, updates };
}

const totals = ({ master, agent }: Scene): readonly string[] => [
  String(master.state.allocator.agents.get('a1')?.total),
  String(agent.state.description.resources),
];

/** Drops the first `times` messages of a type, either way. */
function without(type: string, times: number): (memory: Transport) => Transport {
  let left = times;
  const passes = (message: unknown): boolean => {
    const said = typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
    if (said !== type || left === 0) return true;
    left -= 1;
    return false;
  };
  return (memory) => {
    const { agents } = memory;
    return {
      ...memory,
      ...(agents && { agents: { send: (command) => (passes(command) ? agents.send(command) : undefined) } }),
      open: (receive) => memory.open((input) => void (passes(input) && receive(input))),
      close: () => memory.close(),
    };
  };
}

describe('an operation with an id', () => {
  it('is told to be finished, and acknowledged', async () => {
    const it = await scene(2, (memory) => memory);
    expect(it.updates).toMatchObject([
      { operation: 'r1', state: 'finished', agent: 'a1', uuid: expect.any(String) },
      { operation: 'r2', state: 'finished', agent: 'a1', uuid: expect.any(String) },
    ]);
    expect(it.master.state.operations.size).toBe(0);
    expect(it.agent.state.operations.size).toBe(0);
    expect(totals(it)).toEqual(Array(2).fill('cpus:6; cpus(reservations: [(DYNAMIC,web)]):2; mem:8192'));
  });

  it('is told again until its scheduler hears of it (UPD-3)', async () => {
    const it = await scene(1, without('operation-status', 2));
    expect(it.updates).toEqual([]);
    expect(it.master.state.operations.size).toBe(1);
    await it.clock.advance(30_000);
    expect(it.updates.map(({ state }) => state)).toEqual(['finished']);
    expect(it.agent.state.operations.size).toBe(0);
  });

  it('is told again when its acknowledgement is lost, which its scheduler acknowledges again', async () => {
    const it = await scene(1, without('acknowledge-operation', 1));
    expect(it.agent.state.operations.size).toBe(1);
    await it.clock.advance(20_000);
    expect(it.updates.map(({ operation, state }) => `${operation} ${state}`)).toEqual(['r1 finished', 'r1 finished']);
    expect(it.agent.state.operations.size).toBe(0);
    expect(it.master.state.operations.size).toBe(0);
  });

  it('that never arrived is told to be dropped when its agent comes back, and is undone', async () => {
    const it = await scene(1, without('apply-operation', 1));
    expect(totals(it)[0]).toContain('DYNAMIC');
    it.agent.disconnect();
    it.agent.return();
    await it.clock.advance(1_000);
    expect(it.updates).toMatchObject([{ operation: 'r1', state: 'dropped' }]);
    expect(totals(it)).toEqual(['cpus:8; mem:8192', 'cpus:8; mem:8192']);
    expect(it.master.state.operations.size).toBe(0);
  });

  it.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'is settled over a way that loses, repeats and delays (seed %i)',
    async (seed) => {
      const faults = { seed, drop: 0.3, duplicate: 0.3, delayMs: 200 };
      const it = await scene(5, (memory, clock) => lossyTransport(memory, { ...faults, clock }));
      for (let round = 0; round < 12; round += 1) {
        await it.clock.advance(60_000);
        it.agent.disconnect();
        it.agent.return();
      }
      await it.clock.advance(3_600_000);
      expect(it.agent.state.operations.size).toBe(0);
      expect(it.master.state.operations.size).toBe(0);
      expect(it.updates.length).toBeGreaterThan(0);
      const [master, agent] = totals(it);
      expect(master).toBe(agent);
    },
  );
});
