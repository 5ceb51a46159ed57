/** The commands of `docs/policies.md` about simulation run as they stand there. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { serialize } from '../../src/cluster/index.js';
import { proffer, type Ran } from '../cli/fake-io.js';
import { cluster } from '../cluster/harness.js';

const page = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');
const part = page.slice(page.indexOf('## On clusters like yours'));
const commands = [...part.matchAll(/^npx proffer (.*)$/gm)].map((match) => match[1] ?? '');

function state(): string {
  const box = cluster();
  box.framework('ads', ['ads']);
  box.agent('m0', 'cpus:4;mem:4096');
  box.send({ type: 'request', framework: 'ads', connection: 'c-ads', requests: [{ resources: 'cpus:1', count: 9 }] });
  return [...serialize(box.state)].join('');
}

const files = {
  'nodes.csv': 'sn,cpu_milli,memory_mib,gpu,model\nn1,4000,8192,1,T4\n',
  'pods.csv': 'name,cpu_milli,memory_mib,creation_time,deletion_time\np1,2000,1024,0,60\n',
  'state.json': state(),
};

describe('the page about policies, on simulation', () => {
  const runs = new Map<string, Ran>();
  beforeAll(async () => {
    for (const command of commands) runs.set(command, await proffer(command.split(' '), { files }));
  }, 60_000);

  it('shows commands that run', () => {
    expect(commands).toHaveLength(5);
    for (const [command, { exitCode, stderr }] of runs) expect([command, exitCode, stderr]).toEqual([command, 0, '']);
  });

  it('shows the figures that come out', () => {
    const rows = [...part.matchAll(/^\| (minutes .*?) +\| (\d+) % +\| ([\d.]+) % +\|$/gm)];
    expect(rows).toHaveLength(4);
    const { stdout = '' } = runs.get('simulate --paper drf-sharing') ?? {};
    for (const [, what = '', paper = '', here = ''] of rows) {
      const line = stdout.split('\n').find((text) => text.startsWith(what)) ?? '';
      expect(line.slice(what.length).trim().split(/ +/)).toEqual([paper, here, '%']);
    }
  });
});
