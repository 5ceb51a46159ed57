import { appendFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Follower, prefixed } from '../../src/cli/cluster/follow.js';
import { StateFile } from '../../src/cli/cluster/state-file.js';
import { bar, cut, plain, span, table } from '../../src/cli/cluster/text.js';
import { frame, showCluster } from '../../src/cli/cluster/view.js';
import { createMaster } from '../../src/master/index.js';
import { manualClock, memoryTransport } from '../../src/transport/index.js';
import { until } from '../agent-node/cluster.js';

const folder = mkdtempSync(join(tmpdir(), 'proffer-view-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('words on a terminal', () => {
  it('can do nothing to it', () => {
    expect(plain('a\u001b[2J\nb\r\u0085c\u2028d')).toBe('a [2J b  c d');
  });

  it('are cut to a width, and drawn as bars of eighths', () => {
    expect([cut('abc', 3), cut('abcd', 3)]).toEqual(['abc', 'ab…']);
    expect([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(7, 4), bar(0.03125, 4)]).toEqual([
      '····',
      '██··',
      '████',
      '████',
      '▏···',
    ]);
  });

  it('say spans of time as people do', () => {
    expect([span(12.4), span(1_250), span(125_000)]).toEqual(['12 ms', '1.3 s', '2 min 05 s']);
  });

  it('are aligned in tables, figures to the right', () => {
    const rows = [
      ['what', 'n', ''],
      ['a', '5', 'x'],
      ['long one', '1,200', ''],
    ];
    expect(table(rows)).toEqual(['what          n', 'a             5  x', 'long one  1,200']);
  });
});

describe('a picture of a cluster', () => {
  const clock = manualClock();
  const transport = memoryTransport({ clock });
  const master = createMaster({ transports: [transport], clock });
  const frameworks = [{ name: 'etl\u001b[2J', scheduler: 'batch', summary: () => '1/2 tasks finished' }];

  it('shows agents with what is used of them, and how far frameworks are', async () => {
    const agent = transport.agent('a1', 'cpus:4;mem:1000');
    transport.agent('a2', 'cpus:2;mem:1000');
    master.subscribe(
      { name: 'f', roles: ['f'] },
      {
        offers: (offers, driver) => {
          for (const offer of offers) {
            if (offer.agent === 'a1') driver.launch(offer, { id: 't', resources: 'cpus:1;mem:500', payload: {} });
          }
        },
      },
    );
    await clock.advance(1_000);
    agent.running('t');
    await clock.advance(10);
    expect(frame(master.state, frameworks, 61_000)).toEqual([
      '2 agents, 1 tasks running, 1 min 01 s',
      '',
      expect.stringMatching(/^a1 +cpus ████············ 1\/4 +mem ████████········ 500\/1000/),
      expect.stringMatching(/^a2 +cpus ················ 0\/2 +mem ················ 0\/1000/),
      '',
      expect.stringContaining('1/2 tasks finished'),
    ]);
  });

  it('is drawn over itself on a terminal, and gives the cursor back', async () => {
    let written = '';
    const view = showCluster(master, frameworks, {
      write: (text) => (written += text),
      interactive: true,
      columns: 40,
    });
    view.note('something happened');
    await until(() => written.split('agents, ').length > 2);
    view.stop();
    expect(written.startsWith('\u001b[?25l')).toBe(true);
    expect(written.endsWith('\u001b[?25h')).toBe(true);
    expect(written).toContain('something happened\n');
    expect(written).not.toContain('\u001b[2J');
    const escapes = new RegExp(`^(${String.fromCharCode(27)}\\[[\\d?]*[A-Za-z])+`);
    for (const line of written.split('\n')) expect(line.replace(escapes, '').length).toBeLessThan(40);
  });

  it('is a line for each change of a task elsewhere', async () => {
    let written = '';
    const view = showCluster(master, [], { write: (text) => (written += text), interactive: false, columns: 80 });
    master.report({
      type: 'status',
      agent: 'a1',
      framework: master.state.frameworks.keys()[0] ?? '',
      task: 't',
      state: 'failed',
      message: 'no\nluck',
      uuid: 'u1',
    });
    await clock.advance(10);
    view.stop();
    expect(written).toMatch(/^\d\d:\d\d:\d\d f t failed on a1: no luck\n$/);
  });
});

describe('a kept state', () => {
  it('is the newest that is whole, whatever of another was being written', () => {
    const path = join(folder, 'kept');
    const first = new StateFile(path);
    expect(first.state).toBeUndefined();
    for (const n of [1, 2, 3]) first.save({ n, filler: 'x'.repeat(n * 10) });
    expect(new StateFile(path).state).toMatchObject({ n: 3 });
    writeFileSync(`${path}.1.json`, readFileSync(`${path}.1.json`, 'utf8').slice(0, 20));
    const again = new StateFile(path);
    expect(again.state).toMatchObject({ n: 2 });
    again.save({ n: 4 });
    expect(new StateFile(path).state).toEqual({ n: 4 });
  });
});

describe('a followed file', () => {
  it('is passed on from before it exists until it ends, also where it is begun anew', async () => {
    const path = join(folder, 'out');
    let seen = '';
    const follower = new Follower(path, (text) => (seen += text));
    writeFileSync(path, 'one ');
    await until(() => seen === 'one ');
    appendFileSync(path, 'Zürich ');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'three');
    await until(() => seen === 'one Zürich three');
    appendFileSync(path, ' end');
    follower.stop();
    expect(seen).toBe('one Zürich three end');
  });

  it('is passed on when it is begun anew more than once between two looks at it, and before the first', async () => {
    const path = join(folder, 'floods');
    const anew = (text: string): void => {
      for (const age of [3, 2, 1]) {
        const [younger, older] = [age === 1 ? path : `${path}.${age - 1}`, `${path}.${age}`];
        if (existsSync(younger)) renameSync(younger, older);
      }
      writeFileSync(path, text);
    };
    for (const text of ['one ', 'two ']) anew(text);
    let seen = '';
    const follower = new Follower(path, (text) => (seen += text));
    await until(() => seen === 'one two ');
    for (const text of ['three ', 'four ', 'five']) anew(text);
    follower.stop();
    expect(seen).toBe('one two three four five');
  });

  it('has its name before each line, where several are shown', () => {
    let seen = '';
    const { write, end } = prefixed('a | ', (text) => (seen += text));
    write('x\ny');
    write('z\nrest');
    end();
    expect(seen).toBe('a | x\na | yz\na | rest\n');
  });
});
