import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detectIsolation } from '../../src/agent/node/index.js';
import { attributesEqual, attributes } from '../../src/resources/index.js';
import { agents } from '../../src/cluster/index.js';
import { testCluster, until, type TestCluster } from './cluster.js';

const grouped = detectIsolation({ agent: 'probe' }).kind.startsWith('cgroups');
/** Holds as many bytes in memory as it is told. */
const hold = (bytes: number): string => `head -c ${bytes} /dev/zero | tail | wc -c`;
const MiB = 1024 * 1024;

let cluster: TestCluster;

beforeEach(() => {
  cluster = testCluster();
});

afterEach(() => cluster.close());

it('an agent says in its attributes how tasks are kept to what they asked for', async () => {
  cluster.agent({ isolation: 'rlimits', attributes: 'zone:a' });
  await until(() => agents(cluster.master.state).length === 1);
  const [row] = agents(cluster.master.state);
  expect(row && attributesEqual(row.attributes, attributes('zone:a;isolation:rlimits'))).toBe(true);
});

describe.runIf(grouped)('a task in a control group', () => {
  beforeEach(() => {
    cluster.agent({ isolation: 'auto' });
  });

  it('fails with the reason of the table when it takes more memory than it may (TASK-11)', async () => {
    await cluster.launch({ resources: 'cpus:0.5;mem:32', command: { value: `${hold(200 * MiB)}; exit 1` } });
    const end = await cluster.end('t1');
    expect([end.state, end.reason, end.source]).toEqual(['failed', 'container-limitation-memory', 'agent']);
    expect(end.message).toBe('The command was ended because it used more memory than it may');
  });

  it('may use all that it asked for, and what its limits say beyond that (VAL-7)', async () => {
    await cluster.launch([
      { id: 'within', resources: 'cpus:0.5;mem:64', command: { value: hold(16 * MiB) } },
      { id: 'above', resources: 'cpus:0.5;mem:32', limits: { mem: 256 }, command: { value: hold(100 * MiB) } },
      { id: 'free', resources: 'cpus:0.5;mem:32', limits: { mem: 'unlimited' }, command: { value: hold(100 * MiB) } },
    ]);
    for (const task of ['within', 'above', 'free']) expect((await cluster.end(task)).state, task).toBe('finished');
  });

  it('takes what left its session with it when it ends', async () => {
    await cluster.launch({ command: { value: 'setsid sleep 1000 & sleep 0.05; echo ok' } });
    const started = Date.now();
    expect((await cluster.end('t1')).state).toBe('finished');
    // What holds the pipe is waited for a second at most, and then ended.
    expect(Date.now() - started).toBeLessThan(5_000);
  });
});

describe('a task under limits of processes', () => {
  it('can not take much more memory than it may', async () => {
    cluster.agent({ isolation: 'rlimits' });
    const script = 'const all = []; for (let n = 0; n < 64; n += 1) all.push(Buffer.alloc(16 * 1024 * 1024, 1));';
    const command = { value: process.execPath, arguments: ['-e', script], shell: false };
    await cluster.launch({ resources: 'cpus:0.5;mem:256', command });
    expect((await cluster.end('t1')).state).toBe('failed');
  });
});
