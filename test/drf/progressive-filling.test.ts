import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { progressiveFilling, type FillingUser } from '../../src/drf/index.js';
import { gcd } from '../../src/drf/fraction.js';
import { amount, quantities, type Quantities } from '../../src/resources/index.js';
import { datadriven, type Directive } from '../datadriven.js';

const goldens = fileURLToPath(new URL('../testdata/drf/', import.meta.url));

/** A pool and its users, filled and printed as in Table 1 of the paper: shares as fractions of the pool. */
class Division {
  #total: Quantities = quantities('');
  #users: FillingUser[] = [];

  run({ cmd, args }: Directive): string {
    switch (cmd) {
      case 'pool':
        this.#total = quantities(args['total'] ?? '');
        this.#users = [];
        return '';
      case 'user':
        this.#users.push({
          name: args['name'] ?? '',
          demand: args['task'] ?? '',
          ...(args['weight'] === undefined ? {} : { weight: Number(args['weight']) }),
        });
        return '';
      case 'fill':
        return this.#fill(args);
      default:
        throw new Error(`unknown command ${cmd}`);
    }
  }

  #fill(args: Directive['args']): string {
    const { steps, reason } = progressiveFilling({
      total: this.#total,
      users: this.#users,
      continueWhenFull: 'continue' in args,
      ...(args['order'] === undefined ? {} : { order: args['order'].split(',') }),
    });
    const names = this.#users.map(({ name }) => name);
    const header = ['step', 'pick', ...names.flatMap((n) => [`${n} shares`, `${n} dominant`]), ...this.#total.names];
    const rows = steps.map(({ pick, tasks }, i) => [String(i + 1), pick, ...this.#row(tasks)]);
    const shown = 'last' in args ? rows.slice(-1) : rows;
    const end = steps.at(-1);
    const summary = names.map((name, i) => `${name} ${end?.tasks[i] ?? 0} tasks, share ${end?.shares[i] ?? 0}`);
    return [...table([header, ...shown]), ...summary, `ended: ${reason}`].join('\n');
  }

  /** Each user's shares and dominant share divided by its weight, then what is in use of each resource. */
  #row(tasks: readonly number[]): string[] {
    const users = this.#users.map(({ demand, weight = 1 }, i) => {
      const held = this.#total.names.map((name) => amount(quantities(demand), name) * (tasks[i] ?? 0));
      const dominant = held.map((milli, k) => [milli, (this.#total.millis[k] ?? 0) * weight] as const);
      const [above, below] = dominant.reduce((a, b) => (b[0] * a[1] > a[0] * b[1] ? b : a));
      return { held, dominant: fraction(above, below) };
    });
    const used = this.#total.names.map((_, k) => users.reduce((sum, { held }) => sum + (held[k] ?? 0), 0));
    const ofPool = (milli: number, k: number): string => `${milli / 1000}/${(this.#total.millis[k] ?? 0) / 1000}`;
    return [...users.flatMap(({ held, dominant }) => [held.map(ofPool).join(' '), dominant]), ...used.map(ofPool)];
  }
}

function fraction(above: number, below: number): string {
  const common = gcd(above, below);
  return above === 0 || above === below ? String(above / below) : `${above / common}/${below / common}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

describe('progressive filling', () => {
  it.each(['e1-worked-example', 'e2-weighted'])('goes as the paper says: %s', async (name) => {
    const division = new Division();
    await datadriven(`${goldens}${name}.golden`, (directive) => division.run(directive));
  });

  const a = { name: 'A', demand: 'cpus:1;mem:4' };
  const b = { name: 'B', demand: 'cpus:3;mem:1' };

  it('gives A three tasks and B two, whoever is first (E1)', () => {
    for (const order of [['B', 'A'], ['A'], []]) {
      const { tasks, reason } = progressiveFilling({ total: 'cpus:9;mem:18', users: [a, b], order });
      expect(tasks.map((user) => [user.name, user.tasks, String(user.allocated), user.share])).toEqual([
        ['A', 3, 'cpus:3; mem:12', 2 / 3],
        ['B', 2, 'cpus:6; mem:2', 2 / 3],
      ]);
      expect(reason).toBe('does-not-fit');
    }
  });

  it('goes on with those whose tasks fit, if it is told to', () => {
    const users = [
      { name: 'B', demand: 'cpus:3' },
      { name: 'C', demand: 'mem:1' },
    ];
    const stopped = progressiveFilling({ total: 'cpus:8;mem:20', users });
    const full = progressiveFilling({ total: 'cpus:8;mem:20', users, continueWhenFull: true });
    expect(stopped.tasks.map(({ tasks }) => tasks)).toEqual([2, 15]);
    expect(stopped.reason).toBe('does-not-fit');
    expect(full.tasks.map(({ tasks }) => tasks)).toEqual([2, 20]);
    expect(full.reason).toBe('nobody-fits');
  });

  it('counts only what the pool has, and gives nothing of what it lacks', () => {
    const users = [{ name: 'G', demand: 'gpus:1' }, b];
    const { tasks, reason } = progressiveFilling({ total: 'cpus:9;mem:18', users, continueWhenFull: true });
    expect(tasks.map((user) => user.tasks)).toEqual([0, 3]);
    expect(reason).toBe('nobody-fits');
    expect(progressiveFilling({ total: '', users: [] })).toEqual({ steps: [], tasks: [], reason: 'nobody-fits' });
  });

  it.each<[string, string, readonly FillingUser[]]>([
    ['bad-demand', 'users[1].demand', [a, { name: 'X', demand: 'cpus:0' }]],
    ['duplicate-user', 'users[1].name', [a, { ...b, name: 'A' }]],
    ['bad-weight', 'users[0].weight', [{ ...a, weight: 0 }]],
    ['bad-quantities', 'users[0].demand', [{ ...a, demand: 'cpus' }]],
  ])('refuses with %s at %s', (code, path, users) => {
    expect(() => progressiveFilling({ total: 'cpus:1', users })).toThrow(expect.objectContaining({ code, path }));
  });
});
