import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { SimulationResult } from '../../src/simulation/result.js';
import { report } from '../../src/simulation/report/index.js';
import { changed, changedTenants, madeUp, spread } from './report-data.js';
import { all, byId, read, shapeOf, textOf, type Element } from './report-reader.js';

/** Names that would break a page that took them for anything but text. */
const hostile = [
  '<script>alert(1)</script>',
  '"><img src="x" onerror="alert(1)">',
  "' onclick='alert(1)",
  '&amp; & &lt;',
  ']]>',
  '<!--',
  '-->',
  '</style><style>*{display:none}',
  '</script',
  '__proto__',
  'constructor',
  'a\u2028b\u2029c',
  '\u202eright to left',
  'מחקר/عربي',
  'x'.repeat(20_000),
  '\u0000\u001b[31m',
  '\ud800',
  '',
  '${alert(1)}',
  '{{7*7}}',
];

/** The lines of plots. */
function paths(page: Element): Element[] {
  return all(page, 'path').filter(({ attributes }) => attributes.has('data-name'));
}

/** Plots over time. */
function charts(page: Element): Element[] {
  return all(page, 'svg').filter(({ attributes }) => attributes.get('class') === 'chart');
}

function seen(data: SimulationResult): Element {
  return read(report(data));
}

/** The text of a cell by the heads of its row and its column. */
function cell(table: Element, row: string, column: string): string | undefined {
  const [heads] = all(table, 'tr');
  const at = heads === undefined ? -1 : all(heads, 'th').map(textOf).indexOf(column);
  const line = all(table, 'tr').find((each) => textOf(all(each, 'th')[0] ?? each) === row);
  const found = line === undefined ? undefined : all(line, 'td')[at - 1];
  return found && textOf(found);
}

describe('a report', () => {
  it('is the same text for the same result', () => {
    expect(report(madeUp())).toBe(report(structuredClone(madeUp())));
  });

  it('asks for nothing from elsewhere', () => {
    const text = report(madeUp());
    const page = read(text);
    expect(text).not.toMatch(/(https?:)?\/\/(?!www\.w3\.org\/2000\/svg)[a-z]/);
    expect(text).not.toMatch(/@import|url\(/);
    for (const name of ['link', 'img', 'iframe', 'object', 'image']) expect(all(page, name)).toEqual([]);
    for (const element of [...all(page, 'a'), ...all(page, 'use')])
      expect(element.attributes.get('href')).toMatch(/^#[-a-z0-9]+$/);
    for (const script of all(page, 'script')) expect(script.attributes.has('src')).toBe(false);
  });

  it('allows the script and the style that it came with, by their hashes, and nothing else', () => {
    const page = seen(madeUp());
    const policy = all(page, 'meta')
      .find(({ attributes }) => attributes.get('http-equiv') === 'Content-Security-Policy')
      ?.attributes.get('content');
    const hash = (name: string): string => {
      const [element, ...others] = all(page, name);
      expect(others).toEqual([]);
      return createHash('sha256')
        .update(String(element?.children[0] ?? ''))
        .digest('base64');
    };
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash('style')}'; script-src 'sha256-${hash('script')}'; base-uri 'none'; form-action 'none'`,
    );
  });

  it('has no attribute that such a policy would not let through', () => {
    for (const [name] of elementsOf(seen(madeUp())).flatMap(({ attributes }) => [...attributes]))
      expect(name).not.toMatch(/^(style$|on)/);
  });

  it('says in its title and its heading what it is about', () => {
    const page = seen(madeUp({ cluster: 'drf-48', workload: 'four jobs' }));
    expect(all(page, 'title').map(textOf)[0]).toBe('drf and fifo: four jobs on drf-48, seed 7');
    expect(textOf(all(page, 'h1')[0] ?? page)).toBe('drf and fifo: four jobs on drf-48');
    expect(textOf(all(page, 'dl')[0] ?? page)).toContain('20 agents: 1,024 cpus and 1 GiB mem');
  });

  it('names every plot and every table to who cannot see them', () => {
    const page = seen(madeUp({ roles: ['a', 'b', 'c'], policies: ['drf', 'fifo', 'priority'] }));
    expect(charts(page).length).toBeGreaterThan(0);
    for (const chart of charts(page)) {
      expect(chart.attributes.get('role')).toBe('img');
      const ids = (chart.attributes.get('aria-labelledby') ?? '').split(' ');
      expect(ids).toHaveLength(2);
      for (const id of ids) expect(textOf(byId(chart, id) ?? page)).toMatch(/\w/);
    }
    for (const group of all(page, 'div').filter(({ attributes }) => attributes.get('role') === 'group'))
      expect(group.attributes.get('aria-label')).toMatch(/\w/);
    for (const table of all(page, 'table')) {
      expect(textOf(all(table, 'caption')[0] ?? table)).toMatch(/\w/);
      for (const head of all(table, 'th')) expect(head.attributes.get('scope')).toMatch(/^(col|row|rowgroup)$/);
    }
    for (const svg of all(page, 'svg').filter(({ attributes }) => attributes.get('role') === 'img'))
      expect(svg.attributes.has('aria-labelledby') || svg.attributes.has('aria-label')).toBe(true);
  });

  it('gives an id to one element only, and leads nowhere that is not', () => {
    const page = seen(madeUp({ roles: ['a', 'b'], policies: ['1', '2', '3', '4'] }));
    const ids = elementsOf(page).flatMap(({ attributes }) => attributes.get('id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const element of [...all(page, 'a'), ...all(page, 'use')])
      expect(ids).toContain(element.attributes.get('href')?.slice(1));
    for (const path of paths(page)) {
      const on = path.attributes.get('data-on');
      if (on !== undefined) expect(ids).toContain(on);
    }
  });

  it('looks as it did', async () => {
    const tiny = madeUp({ roles: ['web', '<i>"&'], policies: ['drf', 'fifo'], resources: ['cpus'], spans: 4 });
    // The sheet and the script are in the sources already.
    const text = report(tiny)
      .replace(/<style>[^]*<\/style>/, '<style>…</style>')
      .replace(/<script>[^]*<\/script>/, '<script>…</script>')
      .replaceAll(/sha256-[A-Za-z0-9+/=]+/g, 'sha256-…');
    const golden = fileURLToPath(new URL('../testdata/simulation/report.html', import.meta.url));
    await expect(text).toMatchFileSnapshot(golden);
  });
});

describe('names of any kind', () => {
  it.each(hostile.map((name) => [JSON.stringify(name).slice(0, 40), name]))('are text only: %s', (_, name) => {
    const data = (text: string): SimulationResult =>
      madeUp({
        cluster: text,
        workload: text,
        policies: [text, 'fifo'],
        roles: [text, 'etl'],
        resources: [text, 'mem'],
        spans: 3,
      });
    expect(shapeOf(seen(data(name)))).toBe(shapeOf(seen(data('plain'))));
  });

  it('can all be on one page, each with a row and a line of its own', () => {
    const page = seen(madeUp({ roles: hostile, policies: ['drf'], spans: 3 }));
    const tenants = byId(page, 'tenants') ?? page;
    expect(all(all(tenants, 'tbody')[0] ?? page, 'tr')).toHaveLength(hostile.length);
    expect(textOf(tenants)).toContain('<script>alert(1)</script>');
    expect(textOf(tenants)).toContain('__proto__');
    for (const sign of ['\u2028', '\u202e', '\u0000']) expect(textOf(tenants)).not.toContain(sign);
  });

  it('do not make a page long', () => {
    const long = 'x'.repeat(1_000_000);
    const data = madeUp({ cluster: long, workload: long, policies: [long], roles: [long, 'b'], resources: [long] });
    expect(report(data).length).toBeLessThan(150_000);
  });
});

describe('numbers of any kind', () => {
  const odd = [NaN, Infinity, -Infinity, -0, -1, 1e300, 5e-324];

  it.each(odd)('leave no trace in what is drawn: %s', (value) => {
    const figures = spread(3, value);
    const data = changedTenants(
      changed(madeUp({ spans: 6 }), ({ series }) => ({
        simulatedMs: value,
        jain: value,
        waitedMs: figures,
        completionMs: figures,
        offers: { made: value, accepted: value, declined: value, takenBack: value },
        utilisation: [{ resource: 'cpus', mean: value, stranded: value }],
        series: {
          ...series,
          jain: series.jain.map(() => value),
          waiting: [value, 1, value, 2, 3, value],
          shares: series.shares.map(({ name, values }) => ({ name, values: values.map(() => value) })),
        },
      })),
      () => ({ meanShare: value, waitedMs: figures, tasks: value, started: value, weight: value }),
    );
    const cluster = { name: 'odd', agents: value, total: { cpus: value, mem: value } };
    const text = report({ ...data, cluster, seed: value }).replace(/<script>[^]*<\/script>/, '');
    const page = read(text);
    expect(text).not.toMatch(/NaN|Infinity|undefined|null|\[object/);
    for (const path of all(page, 'path').filter(({ attributes }) => attributes.has('vector-effect')))
      expect(path.attributes.get('d')).toMatch(/^[M0-9 Z]+$/);
  });

  it('are dashes in tables and gaps in lines', () => {
    const data = changed(madeUp({ spans: 6, policies: ['drf'] }), ({ series }) => ({
      jain: NaN,
      series: { ...series, running: [1, 2, NaN, 2, 1, 1] },
    }));
    const page = seen(data);
    const [line] = paths(byId(page, 'running-tasks0') ?? page);
    expect(line?.attributes.get('d')?.match(/M/g)).toHaveLength(2);
    expect(textOf(byId(page, 'found') ?? page)).not.toContain('NaN');
  });
});

describe('plots', () => {
  it('stack what is stranded on what is in use', () => {
    const data = changed(madeUp({ policies: ['drf'], resources: ['cpus'], spans: 1 }), ({ series }) => ({
      series: {
        ...series,
        utilisation: [{ name: 'cpus', values: [0.5] }],
        stranded: [{ name: 'cpus', values: [0.2] }],
      },
    }));
    const lines = paths(byId(seen(data), 'use0') ?? seen(data)).map(({ attributes }) => [
      attributes.get('data-name'),
      attributes.get('data-on'),
      attributes.get('d')?.split(' ')[1],
    ]);
    expect(lines).toEqual([
      ['stranded', 'use0-0', '3000'],
      ['in use', undefined, '5000'],
    ]);
  });

  it('show the whole of the cluster, unless next to nothing of it is used', () => {
    const top = (scale: number): string | undefined => {
      const data = changed(madeUp({ policies: ['drf'] }), ({ series }) => ({
        series: {
          ...series,
          utilisation: series.utilisation.map(({ name }) => ({ name, values: [scale, scale / 2] })),
          stranded: series.stranded.map(({ name }) => ({ name, values: [0, 0] })),
        },
      }));
      return byId(seen(data), 'use0')?.attributes.get('data-top');
    };
    expect([top(0.8), top(0.3), top(0.002)]).toEqual(['1', '1', '0.002']);
  });

  it('have marks of time in units that fit, and shares in percent', () => {
    const page = seen(madeUp({ policies: ['drf'], spans: 48, spanMs: 1_800_000 }));
    const chart = byId(page, 'shares0') ?? page;
    expect(all(chart, 'text').map(textOf)).toEqual(
      ['0%', '10%', '20%', '30%', '40%'].concat(['0', '3 h', '6 h', '9 h', '12 h', '15 h', '18 h', '21 h', '24 h']),
    );
  });

  it('say that shares are divided by weights where there are any', () => {
    const title = (data: SimulationResult): string => textOf(byId(seen(data), 'shares-h') ?? seen(data));
    expect(title(madeUp())).toBe('Dominant shares');
    expect(title(changedTenants(madeUp(), () => ({ weight: 2 })))).toBe('Dominant shares, by weight');
  });

  it('are seen before the lines of the other policies', () => {
    const page = seen(madeUp({ policies: ['a', 'b', 'c'] }));
    const behind = all(byId(page, 'jain1') ?? page, 'use').map(({ attributes }) => attributes.get('href'));
    expect(behind).toEqual(['#jain0-0', '#jain2-0']);
  });

  it('have marks of waiting times in the order of the times', () => {
    const page = seen(madeUp({ policies: ['drf'] }));
    const [strip] = all(byId(page, 'waiting') ?? page, 'svg').filter(
      ({ attributes }) => attributes.get('role') === 'img',
    );
    const places = all(strip ?? page, 'svg').map(({ attributes }) => Number.parseFloat(attributes.get('x') ?? ''));
    expect(places).toHaveLength(4);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(strip?.attributes.get('aria-label')).toBe(
      'drf: median 30 s, 95th percentile 2 min, 99th percentile 3 min, longest 3.5 min',
    );
  });
});

describe('a page on which nobody waited', () => {
  const none = { count: 100, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 };

  it('says so in place of plots of nothing', () => {
    const page = seen(
      changedTenants(
        changed(madeUp(), () => ({ waitedMs: none })),
        () => ({ waitedMs: none }),
      ),
    );
    expect(textOf(byId(page, 'waiting') ?? page)).toContain('No task had to wait');
    expect(all(byId(page, 'waiting') ?? page, 'svg')).toEqual([]);
    expect(textOf(byId(page, 'worst-off') ?? page)).toContain('Nobody waited.');
    expect(textOf(byId(page, 'found') ?? page)).toContain('No task had to wait: each that started did so at once');
  });

  it('says so of all but a few, and who these were', () => {
    const few = { ...none, max: 9_000 };
    const page = seen(
      changedTenants(
        changed(madeUp({ policies: ['drf'] }), () => ({ waitedMs: few })),
        ({ role }) => ({
          waitedMs: role === 'web' ? few : none,
        }),
      ),
    );
    const waiting = byId(page, 'waiting') ?? page;
    expect(all(waiting, 'table')).toHaveLength(1);
    expect(textOf(waiting)).toContain('95 started as soon as they could');
    const [worst] = all(byId(page, 'worst-off') ?? page, 'tbody');
    expect(all(worst ?? page, 'tr').map((row) => textOf(all(row, 'th')[0] ?? row))).toEqual(['web']);
  });
});

describe('the page of a what-if', () => {
  it('says what was changed, and not that all had the same cluster', () => {
    const page = seen({
      ...madeUp({ policies: ['drf as it is', 'drf changed'] }),
      changes: ['weight:<b>=3', 'agents:+2'],
    });
    expect(textOf(all(page, 'dl')[0] ?? page)).toContain('weight:<b>=3 and agents:+2');
    expect(textOf(byId(page, 'policies') ?? page)).toContain('As it is, and changed');
    expect(textOf(page)).not.toContain('the same cluster and the same jobs');
  });
});

describe('labels of waiting times', () => {
  it('do not overlap, nor on a narrow page', () => {
    const spreadOut = { count: 100, mean: 1, p50: 2, p95: 3_000, p99: 1e6, max: 1e10 };
    const page = seen(changed(madeUp({ roles: ['a'], policies: ['drf'] }), () => ({ waitedMs: spreadOut })));
    const labels = all(byId(page, 'waiting') ?? page, 'text').map(({ attributes }) => ({
      place: Number.parseFloat(attributes.get('x') ?? ''),
      look: attributes.get('class'),
    }));
    const leastGap = (some: typeof labels): number =>
      Math.min(...some.slice(1).map(({ place }, at) => place - (some[at]?.place ?? 0)));
    expect(labels.length).toBeGreaterThan(6);
    expect(leastGap(labels)).toBeGreaterThanOrEqual(7);
    const narrow = labels.filter(({ look }) => look === 'x');
    expect(narrow.length).toBeGreaterThan(2);
    expect(leastGap(narrow)).toBeGreaterThanOrEqual(30);
  });
});

describe('sizes', () => {
  it('show nothing but the cluster where there are no roles', () => {
    const page = seen(madeUp({ roles: [], policies: ['drf'] }));
    expect(textOf(byId(page, 'found') ?? page)).toContain('Nobody asked for anything');
    expect(charts(page).map(({ attributes }) => attributes.get('id'))).toEqual(['use0', 'use1']);
    expect(byId(page, 'tenants')).toBeUndefined();
    expect(
      all(page, 'nav')
        .flatMap((nav) => all(nav, 'a'))
        .map(textOf),
    ).toEqual(['Figures', 'Use of the cluster']);
  });

  it('have no plots of the cluster over no time', () => {
    const page = seen(madeUp({ roles: [], policies: ['drf'], spans: 0 }));
    expect(byId(page, 'utilisation')).toBeUndefined();
    expect(textOf(all(page, 'nav')[0] ?? page)).toBe('Figures');
  });

  it('say so where there is no policy', () => {
    const page = seen(madeUp({ policies: [] }));
    expect(textOf(byId(page, 'found') ?? page)).toContain('No policy was simulated');
    expect(charts(page)).toEqual([]);
  });

  it('have no plot without a line, where series are empty', () => {
    const page = seen(madeUp({ spans: 0 }));
    expect(paths(page)).toEqual([]);
  });

  it('draw a level line where a series has one span', () => {
    const page = seen(madeUp({ spans: 1, policies: ['drf'] }));
    expect(paths(page).length).toBeGreaterThan(0);
    for (const path of paths(page)) {
      const numbers = (path.attributes.get('d') ?? '').slice(1).split(' ').map(Number);
      expect(numbers.filter((_, at) => at % 2 === 0)).toEqual([0, 5_000, 10_000]);
      expect(new Set(numbers.filter((_, at) => at % 2 === 1)).size).toBe(1);
    }
  });

  it('give up to six roles a colour each', () => {
    const page = seen(madeUp({ roles: ['a', 'b', 'c', 'd', 'e', 'f'], policies: ['drf'] }));
    const lines = paths(byId(page, 'shares0') ?? page);
    expect(lines.map(({ attributes }) => attributes.get('data-name'))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(textOf(byId(page, 'shares') ?? page)).not.toContain('other');
  });

  it('give six of fifty roles a colour, fold the others, and list all', () => {
    const roles = Array.from({ length: 50 }, (_, at) => `team-${at}`);
    const page = seen(madeUp({ roles, policies: ['drf', 'fifo'] }));
    const chart = byId(page, 'shares1') ?? page;
    expect(paths(chart)).toHaveLength(6);
    const [grey] = all(chart, 'g').filter(({ attributes }) => attributes.get('class') === 'grey');
    expect(all(grey ?? page, 'path')).toHaveLength(44);
    const [legend] = all(byId(page, 'shares') ?? page, 'ul');
    expect(
      all(legend ?? page, 'li')
        .map(textOf)
        .at(-1),
    ).toBe('44 others');
    const rows = all(byId(page, 'tenants') ?? page, 'th').filter(({ attributes }) => attributes.get('scope') === 'row');
    expect(rows.map(textOf).toSorted()).toEqual(roles.toSorted());
  });

  it('tell lines among many in fewer points, and say over how long each is', () => {
    const points = (count: number): number => {
      const roles = Array.from({ length: count }, (_, at) => `team-${at}`);
      const page = seen(madeUp({ roles, policies: ['drf'], spans: 300 }));
      const [line] = paths(byId(page, 'shares0') ?? page);
      const spans = (line?.attributes.get('d') ?? '').slice(1).split(' ').length / 2 - 2;
      expect(textOf(byId(page, 'shares') ?? page)).toContain(`Each point is the mean over ${300 / spans} min.`);
      return spans;
    };
    expect([6, 7].map(points)).toEqual([300, 100]);
  });

  it('give no colour to who asked for nothing, and call nobody worst off for it', () => {
    const data = changedTenants(madeUp({ roles: ['a', 'b', 'c'], policies: ['drf'] }), ({ role }) =>
      role === 'b' ? { tasks: 0, started: 0, ended: 0, waitedMs: spread(0, 0), meanShare: 0 } : {},
    );
    const page = seen(data);
    expect(paths(byId(page, 'shares0') ?? page).map(({ attributes }) => attributes.get('data-name'))).toEqual([
      'a',
      'c',
    ]);
    expect(cell(byId(page, 'policies') ?? page, 'Least mean share of a tenant', 'drf')).toBe('10.0%');
    expect(textOf(byId(page, 'waiting') ?? page)).not.toContain('b:');
    expect(all(byId(page, 'waiting') ?? page, 'th').map(textOf)).not.toContain('b');
  });

  it('colour whoever waited longest, however little it had', () => {
    const roles = Array.from({ length: 50 }, (_, at) => `team-${at}`);
    const data = changedTenants(madeUp({ roles }), ({ role }) =>
      role === 'team-33' ? { waitedMs: spread(5, 1e9), meanShare: 0 } : {},
    );
    const page = seen(data);
    const lines = paths(byId(page, 'shares0') ?? page).map(({ attributes }) => attributes.get('data-name'));
    expect(lines).toContain('team-33');
  });

  it.each([1, 2, 3, 4, 6, 9])('have as many plots of each kind as policies: %i', (number) => {
    const policies = Array.from({ length: number }, (_, at) => `policy-${at}`);
    const page = seen(madeUp({ policies, resources: ['cpus'] }));
    for (const kind of ['shares', 'jain', 'waiting-tasks', 'running-tasks', 'use'])
      expect(charts(page).filter(({ attributes }) => attributes.get('id')?.startsWith(kind))).toHaveLength(number);
    const table = all(byId(page, 'policies') ?? page, 'table')[0] ?? page;
    expect(all(table, 'th').filter(({ attributes }) => attributes.get('scope') === 'col')).toHaveLength(number + 1);
  });

  it('draw policies on the same scales', () => {
    const data = changed(madeUp({ policies: ['drf', 'fifo', 'priority'] }), ({ series, simulatedMs }, at) => ({
      simulatedMs: simulatedMs * (at + 1),
      series: { ...series, spanMs: series.spanMs * (at + 1), waiting: series.waiting.map((value) => value * (at + 1)) },
    }));
    const page = seen(data);
    for (const kind of ['shares', 'jain', 'waiting-tasks', 'running-tasks', 'use0-']) {
      const scales = charts(page)
        .filter(({ attributes }) => attributes.get('id')?.startsWith(kind))
        .map(({ attributes }) => [attributes.get('data-top'), attributes.get('data-end')].join());
      expect(scales).toHaveLength(3);
      expect(new Set(scales).size, kind).toBe(1);
    }
  });

  it('stay under 3 MB for six policies, fifty tenants and six hundred spans', () => {
    const roles = Array.from({ length: 50 }, (_, at) => `organisation/department-${at}/team-${at}`);
    const policies = ['drf', 'round-robin', 'weighted-random', 'priority', 'fifo', 'asset-fairness'];
    const text = report(madeUp({ roles, policies, resources: ['cpus', 'mem', 'gpu'], spans: 600 }));
    expect(text.length).toBeLessThan(1_500_000);
  });

  it('list a thousand of more tenants, and say that there are others', () => {
    const roles = Array.from({ length: 1_200 }, (_, at) => `team-${at}`);
    const text = report(madeUp({ roles, policies: ['drf'], spans: 20 }));
    expect(text.length).toBeLessThan(1_000_000);
    expect(textOf(byId(read(text), 'tenants') ?? read(text))).toContain('The other 200 tenants are not listed.');
  });
});

describe('the tables', () => {
  it('have the figures of every policy', () => {
    const page = seen(madeUp());
    const table = all(byId(page, 'policies') ?? page, 'table')[0] ?? page;
    expect(cell(table, 'Asked for', 'drf')).toBe('201');
    expect(cell(table, 'Jain’s index', 'fifo')).toBe('0.800');
    expect(cell(table, 'cpus stranded', 'fifo')).toBe('11.0%');
    expect(cell(table, 'Accepted', 'drf')).toBe('75.0%');
    expect(cell(table, 'Worst-off tenant, 95th percentile', 'fifo')).toBe('5.3 min');
  });

  it('have the best of a row in bold, if it differs', () => {
    const page = seen(madeUp());
    const bold = all(all(byId(page, 'policies') ?? page, 'table')[0] ?? page, 'strong').map(textOf);
    expect(bold).toContain('0.900');
    expect(bold).not.toContain('0.800');
    expect(bold).not.toContain('201');
  });

  it('have no rows of what never happened', () => {
    const page = seen(madeUp());
    expect(textOf(byId(page, 'policies') ?? page)).not.toContain('Ended to make room');
    const busy = seen(changed(madeUp(), () => ({ preemptions: 3 })));
    expect(textOf(byId(busy, 'policies') ?? busy)).toContain('Ended to make room');
  });

  it('begin with whoever is worst off: first who started nothing, then who waited longest', () => {
    const data = changedTenants(madeUp({ roles: ['a', 'b', 'c'], policies: ['drf'] }), ({ role }) =>
      role === 'a' ? { started: 0, waitedMs: spread(0, 0) } : {},
    );
    const page = seen(data);
    const [waited, lacked] = all(byId(page, 'worst-off') ?? page, 'table');
    const rows = (table: Element | undefined): string[] =>
      all(all(table ?? page, 'tbody')[0] ?? page, 'th').map(textOf);
    expect(rows(waited)).toEqual(['a', 'c', 'b']);
    expect(rows(lacked)).toEqual(['a']);
    expect(cell(waited ?? page, 'a', '95th')).toBe('none started');
    expect(cell(lacked ?? page, 'a', 'Started')).toBe('0%');
  });

  it('tell a tenant’s share against the mean of all tenants', () => {
    const page = seen(madeUp({ roles: ['a', 'b'], policies: ['drf'] }));
    const [waited] = all(byId(page, 'worst-off') ?? page, 'table');
    expect(cell(waited ?? page, 'a', 'Mean share')).toBe('30.0%');
    expect(cell(waited ?? page, 'a', 'Share, mean tenant = 1')).toBe('×1.33');
    expect(cell(waited ?? page, 'b', 'Share, mean tenant = 1')).toBe('×0.67');
  });
});

describe('what was found', () => {
  const found = (data: SimulationResult): string[] => {
    const page = seen(data);
    return all(byId(page, 'found') ?? page, 'li').map(textOf);
  };

  it('compares the worst-off tenants of policies', () => {
    expect(found(madeUp())[0]).toBe(
      'The worst-off tenant waited 2.7 min under drf (etl) and 5.3 min under fifo (etl) at the 95th percentile. Under fifo that is 2 times as long as under drf.',
    );
  });

  it('tells many policies by the least and the most', () => {
    const [first] = found(madeUp({ policies: ['a', 'b', 'c', 'd'] }));
    expect(first).toBe(
      'The worst-off tenant waited from 2.7 min under a (etl) to 11 min under d (etl) at the 95th percentile. Under d that is 4 times as long as under a.',
    );
  });

  it('tells policies together of which a figure reads alike', () => {
    const data = changed(madeUp({ policies: ['a', 'b', 'c'] }), (_, at) => ({ jain: at === 1 ? 0.5 : 0.75 }));
    expect(found(data).join('\n')).toContain('was 0.750 under a and c and 0.500 under b on average');
  });

  it('says when policies make no difference', () => {
    const same = madeUp({ policies: ['a', 'b'] });
    const [first] = same.policies;
    const data = { ...same, policies: same.policies.map(({ policy }) => ({ ...same.policies[0], ...first, policy })) };
    expect(found(data as SimulationResult).at(-1)).toContain('hardly matters');
    expect(found(madeUp()).join(' ')).not.toContain('hardly matters');
  });

  it('says when nobody had to wait', () => {
    const none = { count: 10, mean: 0, p50: 0, p95: 0, p99: 0, max: 5 };
    const data = changedTenants(
      changed(madeUp(), () => ({ waitedMs: none })),
      () => ({ waitedMs: none }),
    );
    expect(found(data)[0]).toBe(
      'Next to no task had to wait: of each tenant’s tasks 95 in 100 started at once, whatever the policy. The longest wait of all was 5 ms under both policies.',
    );
  });

  it('does not keep quiet about tasks that never started', () => {
    const data = changedTenants(
      changed(madeUp(), (_, at) => (at === 1 ? { waiting: 30, givenUp: 2 } : {})),
      (tenant, policy) =>
        policy.policy === 'fifo' && tenant.role === 'web' ? { started: 0, waitedMs: spread(0, 0) } : {},
    );
    const text = found(data).join('\n');
    expect(text).toContain('Not one task started of web under fifo.');
    expect(text).toContain(
      'Not every task started: under fifo 30 still waited at the end and 2 had been given up. How long such tasks waited is in none of these figures.',
    );
    expect(found(madeUp()).join()).not.toContain('Not every task');
  });

  it('names a few of many that started nothing', () => {
    const data = changedTenants(madeUp({ roles: ['a', 'b', 'c', 'd', 'e'], policies: ['drf'] }), () => ({
      started: 0,
      waitedMs: spread(0, 0),
    }));
    expect(found(data)).toContain('Not one task started of a, b, c and 2 others under drf.');
  });

  it('tells of tasks that fit on no machine', () => {
    const data = changed(madeUp({ policies: ['drf'] }), (policy) => Object.assign({ ...policy }, { unplaceable: 4 }));
    expect(found(data).join()).toContain('under drf 4 fitted on no machine');
    const table = all(byId(seen(data), 'policies') ?? seen(data), 'table')[0];
    expect(table && cell(table, 'That no machine could hold', 'drf')).toBe('4');
  });

  it('names the busiest resource, and what of it is stranded', () => {
    const utilisation = [
      { resource: 'cpus', mean: 0.2, stranded: 0 },
      { resource: 'gpu', mean: 0.7, stranded: 0.125 },
    ];
    const data = changed(madeUp({ policies: ['drf'] }), () => ({ utilisation }));
    expect(found(data).join('\n')).toContain(
      'Of gpu, the busiest resource, there was in use on average 70.0%, and stranded (free, but on agents where no waiting task fits) 12.5%.',
    );
  });
});

function elementsOf(element: Element): Element[] {
  return element.children.flatMap((child) => (typeof child === 'string' ? [] : [child, ...elementsOf(child)]));
}
