import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { roles, tasks } from '../../src/cluster/index.js';
import { dominantResource } from '../../src/drf/index.js';
import type { TaskState } from '../../src/tasks/index.js';
import { datadriven, type Directive } from '../datadriven.js';
import { cluster, task, type Cluster } from './harness.js';

const golden = (name: string): string => fileURLToPath(new URL(`../testdata/cluster/${name}.golden`, import.meta.url));

/**
 * A story of a cluster: each command is an input, followed by the run that it asked for. After `show shares` each answer
 * ends with the dominant share of every role.
 */
class Story {
  #box: Cluster = cluster();
  #show = false;

  run(directive: Directive): string {
    const lines = [...this.#perform(directive)];
    if (this.#show) lines.push(this.#shares());
    return lines.join('\n');
  }

  #perform({ cmd, args }: Directive): readonly string[] {
    const box = this.#box;
    const { id = '', framework = '', agent = '', resources = '' } = args;
    switch (cmd) {
      case 'cluster':
        this.#box = cluster(
          args['timeout'] === undefined ? {} : { offerTimeoutMs: Number(args['timeout']), unansweredFilterMs: 5_000 },
        );
        return [];
      case 'show':
        this.#show = 'shares' in args;
        return [];
      case 'agent':
        return box.agent(id, resources);
      case 'framework':
        return box.framework(id, (args['roles'] ?? '').split(','), {
          checkpoint: 'checkpoint' in args,
          failoverTimeoutMs: Number(args['failover'] ?? 0),
          ...('unaware' in args ? { capabilities: ['multi-role'] } : {}),
        });
      case 'weight':
        return box.do({ type: 'set-weight', role: args['role'] ?? '', weight: Number(args['is']) });
      case 'launch':
        return box.launch(framework, agent, [task(id, resources)], { refuseSeconds: Number(args['refuse'] ?? 0) });
      case 'decline':
        box.declineAll(framework, args['refuse'] === undefined ? undefined : Number(args['refuse']));
        return [];
      case 'status':
        return box.status(agent, framework, id, args['state'] as TaskState);
      case 'acknowledge':
        return box.acknowledge(agent, framework, id, args['uuid'] ?? '');
      case 'kill':
        return box.send({ type: 'kill', framework, connection: `c-${framework}`, task: id });
      case 'reconcile': {
        const questions = id === '' ? [] : [agent === '' ? { task: id } : { task: id, agent }];
        return box.send({ type: 'reconcile', framework, connection: `c-${framework}`, tasks: questions });
      }
      case 'break':
        return agent === ''
          ? box.do({ type: 'framework-disconnected', framework })
          : box.do({ type: 'agent-disconnected', agent });
      case 'return': {
        // tasks=f1/t1:running,f1/t2:finished
        const reported = (args['tasks'] ?? '').split(',').flatMap((word) => {
          const [, owner = '', task_ = '', state = ''] = /^(.*)\/(.*):(.*)$/.exec(word) ?? [];
          return word === ''
            ? []
            : [
                {
                  framework: owner,
                  id: task_,
                  role: args['role'] ?? '',
                  resources: args['each'] ?? '',
                  state: state as TaskState,
                },
              ];
        });
        return box.do({ type: 'reregister', agent, resources, tasks: reported });
      }
      case 'pass':
        return box.pass(Number(args['ms']));
      case 'tasks':
        return tasks(box.state).map(
          (one) => `${one.id} on ${one.agent}: ${one.state}${one.holds ? `, holds ${String(one.resources)}` : ''}`,
        );
      case 'free':
        return [box.free(agent)];
    }
    throw new Error(`There is no command ${cmd}`);
  }

  #shares(): string {
    const { total } = this.#box.state.allocator;
    const shares = roles(this.#box.state).map(({ role, dominantShare, offeredOrAllocated }) => {
      const which = dominantResource(offeredOrAllocated, total);
      return `${role} ${Math.round(dominantShare * 1_000) / 1_000}${which === undefined ? '' : ` ${which}`}`;
    });
    return `shares: ${shares.join(', ')}`;
  }
}

describe('stories of a cluster', () => {
  it.each(['drf', 'weights', 'partition', 'silence'])('%s', async (name) => {
    const story = new Story();
    await datadriven(golden(name), (directive) => story.run(directive));
  });
});
