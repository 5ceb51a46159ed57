import type { AgentShape } from './capacity.js';
import type { NodePool } from './autoscaler.js';

/** An agent of a pool in memory. */
export interface PoolAgent {
  /** Ends it. */
  stop(): void;
}

/** A pool whose agents are whatever a function makes of them. */
export interface MemoryPool extends Required<NodePool> {
  /** What runs, by id, in the order in which it was added. */
  readonly agents: ReadonlyMap<string, AgentShape>;
}

/**
 * A pool in memory, for tests and simulations: agents of a memory transport, or anything else that can be started and stopped.
 *
 * @param start starts an agent of an id; it registers by itself.
 * @example
 * const pool = memoryPool((id, { resources }) => {
 *   const agent = transport.agent(id, resources);
 *   return { stop: () => agent.crash() };
 * });
 */
export function memoryPool(start: (id: string, shape: AgentShape) => PoolAgent, prefix = 'pool'): MemoryPool {
  const running = new Map<string, PoolAgent>();
  const shapes = new Map<string, AgentShape>();
  let made = 0;
  return {
    agents: shapes,
    owns: (agent) => shapes.has(agent),
    add(shape) {
      const id = `${prefix}-${(made += 1)}`;
      shapes.set(id, shape);
      running.set(id, start(id, shape));
      return Promise.resolve(id);
    },
    drain(agent) {
      running.get(agent)?.stop();
      running.delete(agent);
      shapes.delete(agent);
      return Promise.resolve();
    },
  };
}
