// Compiled with `declaration`: everything that a library on top of this one infers and exports must have a name that it
// can write down.
import {
  createMaster,
  parseInput,
  replaySteps,
  transition,
  agents,
  offers,
  tasks,
  frameworks,
  roles,
  stats,
} from 'proffer';
import { agentTransition, emptyAgent, emptyStandIn, standInReport } from 'proffer/agent';
import { workloads } from 'proffer/bench';
import { recoverCluster, registryOf, validateFramework } from 'proffer/cluster';
import { createSorter, emptyShareTree, openOrder, progressiveFilling } from 'proffer/drf';
import { schedulerDriver, taskFunction } from 'proffer/framework-api';
import { allocatorTransition, emptyAllocator, judge, planRun } from 'proffer/offers';
import { attributes, conversionsOf, find, resources } from 'proffer/resources';
import { emptyStream, outcome, readTask, reconcileAnswer, taskStatus, validateTask } from 'proffer/tasks';
import { runScenario } from 'proffer/testing';
import { lossyTransport, manualClock, memoryTransport, transportContract } from 'proffer/transport';

export const master = createMaster();
export const { on, report, call, control, state } = master;
export const why = master.explain({ framework: 'f' });
export const { nearest, counts } = why;
export const reasons = why.agents.map(({ reason }) => reason);
export const driver = master.subscribe({ roles: ['a'] }, {});
export const { launch, accept, launchGroup, updateFramework, request } = driver;
export const input = parseInput({ type: 'tick' }, 1);
export const step = transition(state, input);
export const steps = replaySteps([]);
export const views = [
  agents(state),
  offers(state),
  tasks(state),
  frameworks(state),
  roles(state),
  stats(state),
] as const;

export const { allocator, deadlines, completedFrameworks, counters, machines, operations } = state;
export const agent = state.agents.get('a');
export const executors = agent?.executors;
export const framework = state.frameworks.get('f');
export const completedTasks = framework?.completedTasks;
export const offer = state.offers.get('o');
export const registry = registryOf(state);
export const recovered = recoverCluster(registry);
export const problem = validateFramework({});

export const distant = emptyAgent({ resources: '', seed: 1 });
export const { deadlines: due, link, description } = distant;
export const known = distant.frameworks.get('f');
export const machine = { agentTransition, emptyStandIn, standInReport };

export const { items } = resources('');
export const value = items[0]?.value;
export const disk = items[0]?.disk;
export const rack = attributes('').items;
export const memory = memoryTransport();
export const handle = memory.agent('a', '');
export const running = handle.tasks;
export const peer = memory.connectFramework();
export const clock = manualClock();
export const executor = taskFunction((task, signal) => (signal.aborted ? undefined : task.id));
export const sorter = createSorter();
export const empty = emptyAllocator();
export const functions = {
  allocatorTransition,
  conversionsOf,
  emptyShareTree,
  emptyStream,
  find,
  judge,
  lossyTransport,
  openOrder,
  outcome,
  planRun,
  progressiveFilling,
  readTask,
  reconcileAnswer,
  runScenario,
  schedulerDriver,
  taskStatus,
  transportContract,
  validateTask,
  workloads,
};
