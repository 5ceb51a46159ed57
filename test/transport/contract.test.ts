import { describe, expect, it } from 'vitest';
import type { Transport } from '../../src/master/index.js';
import {
  lossyTransport,
  manualClock,
  memoryTransport,
  transportContract,
  type AgentPeer,
  type FrameworkPeer,
  type MemoryTransport,
  type TransportSubject,
} from '../../src/transport/index.js';
import { settle } from '../../src/transport/settle.js';

const sides = { agents: true, frameworks: true };

function subjectOf(memory: MemoryTransport, transport: Transport = memory): TransportSubject {
  return {
    transport,
    agent: (id) => memory.connectAgent(id),
    framework: () => memory.connectFramework(),
    settle,
  };
}

describe('the memory transport keeps the promises of a transport', () => {
  for (const { promise, check } of transportContract(() => subjectOf(memoryTransport()), sides)) it(promise, check);
});

describe('a lossy transport without faults keeps the promises of a transport', () => {
  const make = (): TransportSubject => {
    const memory = memoryTransport();
    return subjectOf(memory, lossyTransport(memory, { seed: 1, clock: manualClock() }));
  };
  for (const { promise, check } of transportContract(make, sides)) it(promise, check);
});

/** A memory transport with one thing wrong. */
type Mutant = (memory: MemoryTransport) => Partial<TransportSubject>;
type Receive = (input: unknown) => void;

const hear = (change: (receive: Receive) => Receive): Mutant => {
  return (memory) => ({ transport: { ...memory, open: (receive) => memory.open(change(receive)) } });
};
const agentsSend = (
  send: (
    send: NonNullable<Transport['agents']>['send'],
    ...rest: Parameters<NonNullable<Transport['agents']>['send']>
  ) => void,
): Mutant => {
  return (memory) => ({ transport: { ...memory, agents: { send: (command) => send(memory.agents.send, command) } } });
};
const frameworksSend = (
  send: (
    send: NonNullable<Transport['frameworks']>['send'],
    ...rest: Parameters<NonNullable<Transport['frameworks']>['send']>
  ) => void,
): Mutant => {
  return (memory) => ({
    transport: { ...memory, frameworks: { send: (event) => send(memory.frameworks.send, event) } },
  });
};
const wrapAgent = (wrap: (peer: AgentPeer, id: string, memory: MemoryTransport) => AgentPeer): Mutant => {
  return (memory) => ({ agent: (id) => wrap(memory.connectAgent(id), id, memory) });
};
const wrapFramework = (wrap: (peer: FrameworkPeer) => FrameworkPeer): Mutant => {
  return (memory) => ({ framework: () => wrap(memory.connectFramework()) });
};
const typeOf = (input: unknown): unknown => (input as { type?: unknown }).type;

/** Each mutant, and the promise that shows it. */
const mutants: readonly (readonly [what: string, promise: RegExp, mutant: Mutant])[] = [
  [
    'keeps ids in an object, which loses __proto__',
    /What an agent says is received unchanged/,
    hear(
      (receive) => (input) =>
        receive(Object.assign({}, input, { agent: JSON.stringify((input as { agent: string }).agent) })),
    ),
  ],
  [
    'turns reports around',
    /reports of one agent are received in the order/,
    hear((receive) => {
      const late: unknown[] = [];
      return (input) => {
        if (typeOf(input) !== 'status') return receive(input);
        late.push(input);
        if (late.length === 3) late.splice(0).reverse().forEach(receive);
      };
    }),
  ],
  ['says reports twice', /A report is received once/, hear((receive) => (input) => (receive(input), receive(input)))],
  [
    'broadcasts commands',
    /A command reaches its agent unchanged/,
    agentsSend((send, command) => (send(command), send({ ...command, agent: 'other' }))),
  ],
  [
    'changes commands',
    /A command reaches its agent unchanged/,
    agentsSend((send, command) => send({ ...command, framework: 'another' } as typeof command)),
  ],
  [
    'turns commands around',
    /commands of one agent arrive in the order/,
    (memory) => {
      const late: Parameters<typeof memory.agents.send>[0][] = [];
      const send = (command: (typeof late)[number]): void => {
        late.push(command);
        if (late.length === 3) late.splice(0).reverse().forEach(memory.agents.send);
      };
      return { transport: { ...memory, agents: { send } } };
    },
  ],
  [
    'sends commands twice',
    /commands of one agent arrive in the order/,
    agentsSend((send, command) => (send(command), send(command))),
  ],
  [
    'throws for an agent that is not there',
    /agent that is not there is dropped/,
    agentsSend((send, command) => {
      if (command.agent === 'nobody') throw new Error('no such agent');
      return send(command);
    }),
  ],
  [
    'rejects for an agent that is not there',
    /agent that is not there is dropped/,
    (memory) => ({
      transport: {
        ...memory,
        agents: {
          send: (command) =>
            command.agent === 'nobody' ? Promise.reject(new Error('no such agent')) : memory.agents.send(command),
        },
      },
    }),
  ],
  [
    'does not tell of a broken connection',
    /A broken connection is told once/,
    hear((receive) => (input) => (typeOf(input) === 'agent-disconnected' ? undefined : receive(input))),
  ],
  [
    'tells of a broken connection twice',
    /A broken connection is told once/,
    hear((receive) => (input) => {
      receive(input);
      if (typeOf(input) === 'agent-disconnected') receive(input);
    }),
  ],
  [
    'hears an old connection',
    /agent that connects again/,
    wrapAgent((peer, id, memory) => {
      let broken = false;
      return {
        ...peer,
        break: () => ((broken = true), peer.break()),
        say: (report) => (broken ? memory.connectAgent(id).say(report) : peer.say(report)),
      };
    }),
  ],
  [
    'cannot send from within receive',
    /Commands may be sent from within receive/,
    (memory) => {
      let receiving = false;
      return {
        transport: {
          ...memory,
          open: (receive) =>
            memory.open((input) => {
              receiving = true;
              receive(input);
              receiving = false;
            }),
          agents: { send: (command) => (receiving ? undefined : memory.agents.send(command)) },
        },
      };
    },
  ],
  [
    'stops at the first receive that throws',
    /A receive that throws stops nothing/,
    hear((receive) => {
      let dead = false;
      return (input) => {
        if (dead) return;
        try {
          receive(input);
        } catch {
          dead = true;
        }
      };
    }),
  ],
  [
    'goes on after close',
    /Nothing is received after close/,
    (memory) => ({ transport: { ...memory, close: () => {} } }),
  ],
  [
    'throws when it is closed again',
    /Close may be called before open, and again/,
    (memory) => {
      let open = false;
      return {
        transport: {
          ...memory,
          open: (receive) => ((open = true), memory.open(receive)),
          close: () => {
            if (!open) throw new Error('not open');
            open = false;
            memory.close();
          },
        },
      };
    },
  ],
  [
    'is closed for good',
    /can be opened again/,
    (memory) => {
      let closed = false;
      return {
        transport: {
          ...memory,
          open: (receive) => (closed ? undefined : memory.open(receive)),
          close: () => ((closed = true), memory.close()),
        },
      };
    },
  ],
  [
    'keeps the first receive',
    /can be opened again/,
    (memory) => {
      let first: Receive | undefined;
      return { transport: { ...memory, open: (receive) => memory.open((first ??= receive)) } };
    },
  ],
  [
    'confuses connections of frameworks',
    /What frameworks say is received unchanged/,
    hear((receive) => (input) => receive(typeOf(input) === 'kill' ? { ...(input as object), connection: 'c' } : input)),
  ],
  [
    'loses every tenth event',
    /Events reach their own connection/,
    (memory) => {
      let sent = 0;
      return {
        transport: {
          ...memory,
          frameworks: { send: (event) => (++sent % 10 === 0 ? undefined : memory.frameworks.send(event)) },
        },
      };
    },
  ],
  [
    'throws for a connection that is not there',
    /Events for a connection that is not there/,
    frameworksSend((send, event) => {
      if (event.connection === 'nobody') throw new Error('no such connection');
      return send(event);
    }),
  ],
  [
    'does not tell that a framework left',
    /Events for a connection that is not there/,
    wrapFramework((peer) => ({ ...peer, break: () => {} })),
  ],
  [
    'hears frameworks after close',
    /No framework is heard or reached after close/,
    (memory) => ({ transport: { ...memory, close: () => {} } }),
  ],
];

describe('the contract finds what is wrong with a transport', () => {
  for (const [what, promise, mutant] of mutants) {
    it(`a transport that ${what}`, async () => {
      const make = (): TransportSubject => {
        const memory = memoryTransport();
        return { ...subjectOf(memory), ...mutant(memory) };
      };
      const broken = transportContract(make, sides).filter((each) => promise.test(each.promise));
      expect(broken).toHaveLength(1);
      await expect(broken[0]?.check()).rejects.toThrow();
    });
  }

  it('and every promise has a mutant that breaks it', () => {
    const promises = transportContract(() => subjectOf(memoryTransport()), sides).map(({ promise }) => promise);
    expect(promises.filter((promise) => !mutants.some(([, broken]) => broken.test(promise)))).toEqual([]);
  });
});

describe('the contract as a list', () => {
  it('is as long as the sides that a transport has', () => {
    const count = (options?: Parameters<typeof transportContract>[1]): number =>
      transportContract(() => subjectOf(memoryTransport()), options).length;
    expect(count()).toBeGreaterThan(10);
    expect(count(sides)).toBeGreaterThan(count());
    expect(count({ agents: false })).toBe(0);
  });

  it('frees its subject when a check fails', async () => {
    let freed = 0;
    const make = (): TransportSubject => ({
      transport: { open: () => {}, close: () => {} },
      settle,
      dispose: () => void (freed += 1),
    });
    const [, second] = transportContract(make);
    await expect(second?.check()).rejects.toThrow('the subject has no agents');
    expect(freed).toBe(1);
  });
});
