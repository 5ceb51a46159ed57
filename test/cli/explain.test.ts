import { describe, expect, it } from 'vitest';
import { serialize } from '../../src/cluster/index.js';
import { cluster, task } from '../cluster/harness.js';
import { proffer } from './fake-io.js';

/** A state in which one framework uses most of one agent. */
function saved(): string {
  const box = cluster();
  box.send({ type: 'subscribe', framework: 'f1', connection: 'c-f1', name: 'etl', roles: ['a'] });
  box.send({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
  box.run();
  box.launch('f1', 'a1', [task('t1', 'cpus:3;mem:100')], { refuseSeconds: 0 });
  return [...serialize(box.state)].join('');
}

const files = { 'state.json': saved() };
const explain = (...args: readonly string[]): ReturnType<typeof proffer> =>
  proffer(['explain', 'state.json', ...args], { files });

describe('proffer explain', () => {
  it('says that a framework would be offered something, by its name or its id', async () => {
    for (const name of ['etl', 'f1']) {
      const { exitCode, stdout } = await explain('--framework', name, '--task', 'cpus:1;mem:100');
      expect([exitCode, stdout]).toEqual([
        0,
        'a1 as a: would be offered cpus:1; mem:924 now.\n\nIt is offered enough in the next run.\n',
      ]);
    }
  });

  it('says what is missing where, the nearest miss, and what would place it', async () => {
    const { exitCode, stdout } = await explain('--framework', 'etl', '--task', 'cpus:2;mem:100');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('short of 1 cpus now.');
    expect(stdout).toContain('Nearest: a1, short of 1 cpus.');
    expect(stdout).toContain('Any of these would place it:\n- Add an agent with cpus:2; mem:100.\n');
  });

  it('answers for a new framework in a role', async () => {
    expect(await explain('--role', 'b', '--task', 'cpus:1;mem:100')).toMatchObject({ exitCode: 0 });
    const { exitCode, stdout } = await explain('--role', 'b', '--task', 'cpus:9', '--json');
    expect(exitCode).toBe(1);
    const { explanation, remedies } = JSON.parse(stdout) as {
      explanation: { nearest: object };
      remedies: { kind: string }[];
    };
    expect(explanation.nearest).toMatchObject({ agent: 'a1', shortOfTotal: [{ name: 'cpus', milli: 5_000 }] });
    // Another agent of that size would go to the other framework: this one would first get what is left of a1.
    expect(remedies).toEqual([]);
  });

  it('refuses what it cannot answer', async () => {
    expect(await explain()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('needs --framework') });
    expect(await explain('--framework', 'nobody')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no framework "nobody"'),
    });
    expect(await explain('--framework', 'etl', '--task', 'much')).toMatchObject({ exitCode: 2 });
    expect(await explain('--role', '/', '--task', 'cpus:1')).toMatchObject({ exitCode: 2 });
    expect(await proffer(['explain', 'x'], { files: { x: '{}' } })).toMatchObject({ exitCode: 2 });
    expect(await proffer(['explain', 'nowhere', '--framework', 'f1'])).toMatchObject({ exitCode: 2 });
  });
});
