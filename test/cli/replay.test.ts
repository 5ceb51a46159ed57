import { describe, expect, it } from 'vitest';
import { createMaster } from '../../src/master/index.js';
import { manualClock, memoryTransport } from '../../src/transport/index.js';
import { proffer } from './fake-io.js';

/** A short life of a cluster, as it was recorded: one framework takes one of two agents. */
async function recorded(): Promise<string> {
  const lines: string[] = [];
  const clock = manualClock();
  const memory = memoryTransport();
  const master = createMaster({ transports: [memory], clock, record: (line) => lines.push(line) });
  memory.agent('a1', 'cpus:4;mem:8192');
  memory.agent('a2', 'cpus:1;mem:1024');
  master.subscribe(
    { name: 'etl', roles: ['etl'] },
    {
      offers(offers, driver) {
        for (const offer of offers) {
          if (offer.agent === 'a1') driver.launch(offer, { id: 't1', resources: 'cpus:3', payload: {} });
          else driver.decline(offer, { refuseSeconds: 600 });
        }
      },
    },
  );
  await clock.advance(2_000);
  await master.close();
  return `${lines.join('\n')}\n`;
}

async function command(args: readonly string[], log: string): ReturnType<typeof proffer> {
  return proffer(['replay', ...args], { files: { log } });
}

describe('proffer replay', () => {
  it('says what a recorded cluster came to', async () => {
    const { exitCode, stdout } = await command(['log'], await recorded());
    expect(exitCode).toBe(0);
    expect(stdout).toContain('2 agents with cpus:5; mem:9216');
    expect(stdout).toContain('1 tasks');
  });

  it('stops after as many inputs as are asked for', async () => {
    const { stdout } = await command(['log', '--at', '1', '--json'], await recorded());
    expect(JSON.parse(stdout)).toMatchObject({ inputs: 1, stats: { agents: 1, frameworks: 0 }, violation: null });
    const before = await command(['log', '--at', '0', '--json'], await recorded());
    expect(JSON.parse(before.stdout)).toMatchObject({ inputs: 0, stats: { agents: 0 } });
  });

  it('explains why a framework gets nothing there', async () => {
    const text = await recorded();
    const args = ['log', '--explain', 'proffer-0000', '--agent', 'a2', '--resources', 'cpus:2'];
    const { exitCode, stdout } = await command(args, text);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('refused');
    expect(stdout).toContain('1 cpus');
  });

  it('prints the inputs as they were', async () => {
    const { stdout } = await command(['log', '--inputs'], await recorded());
    const types = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly type: string }).type);
    expect(types.slice(0, 3)).toEqual(['register', 'register', 'subscribe']);
  });

  it.each([
    [['log'], '', 1, 'A record begins with a state'],
    [['log'], '{"what":1}\n', 1, 'Line 1'],
    [['missing'], '', 2, 'cannot read missing'],
    [[], '', 2, 'one file'],
    [['log', 'log'], '', 2, 'one file'],
    [['log', '--at', '-1'], '', 2, '--at'],
  ])('answers %j with a reason and a code', async (args, text, code, reason) => {
    const answer = await command(args, text);
    expect(answer.exitCode).toBe(code);
    expect(answer.stderr).toContain(reason);
  });

  it('leaves out a torn last line only when it is told to', async () => {
    const torn = `${await recorded()}{"type":"tick","at":`;
    expect((await command(['log'], torn)).stderr).toContain('not whole');
    expect((await command(['log', '--torn'], torn)).exitCode).toBe(0);
  });

  it('refuses resources that are none', async () => {
    const answer = await command(['log', '--explain', 'proffer-0000', '--resources', 'cpus'], await recorded());
    expect(answer.exitCode).toBe(2);
  });
});
