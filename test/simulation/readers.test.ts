/** Traces as people have them: other columns, other line ends, rows that are no good. */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributes, InputError, resources } from '../../src/resources/index.js';
import {
  clusterOfNodes,
  readNodes,
  readPods,
  readSwim,
  simulate,
  workloadOfPods,
  workloadOfSwim,
} from '../../src/simulation/index.js';
import { badRowsKept, commaFields, eachLine } from '../../src/simulation/traces/rows.js';

const nodes = 'sn,cpu_milli,memory_mib,gpu,model\nn1,4000,8192,2,T4\nn2,8000,16384,0,\n';
const read = (text: string): ReturnType<typeof readNodes>['rows'] => readNodes(text).rows;

describe('a list of nodes', () => {
  it('is machines with their amounts, and their model as an attribute', () => {
    expect(readNodes(nodes)).toEqual({
      rows: [
        { name: 'n1', count: 1, resources: 'cpus:4;mem:8192;gpu:2', attributes: 'gpu:T4' },
        { name: 'n2', count: 1, resources: 'cpus:8;mem:16384' },
      ],
      bad: [],
      badCount: 0,
      absent: [],
    });
  });

  it.each([
    ['a byte order mark', `\uFEFF${nodes}`],
    ['line ends of Windows', nodes.replaceAll('\n', '\r\n')],
    ['line ends of old Macs', nodes.replaceAll('\n', '\r')],
    ['no last line end', nodes.trimEnd()],
    ['blank lines', `\n\n${nodes.replaceAll('\n', '\n \n')}\n`],
    ['columns in another order', 'model,gpu,memory_mib,cpu_milli,sn\nT4,2,8192,4000,n1\n,0,16384,8000,n2'],
    ['other columns too', 'zone,sn,cpu_milli,memory_mib,gpu,model,x\na,n1,4000,8192,2,T4,\nb,n2,8000,16384,0,,,,'],
    [
      'names in capitals, in quotes, with blanks',
      '"SN", Cpu_Milli ,"MEMORY_MIB",gpu,model\n"n1",4000, 8192,"2",T4\nn2,8e3,16384.0,0',
    ],
    ['no header', nodes.slice(nodes.indexOf('\n') + 1)],
  ])('is the same with %s', (_, text) => {
    expect(read(text)).toEqual(read(nodes));
  });

  it('may lack the columns at its end, in all rows or in some', () => {
    const plain = [
      { name: 'n1', count: 1, resources: 'cpus:4;mem:8192' },
      { name: 'n2', count: 1, resources: 'cpus:8;mem:16384' },
    ];
    expect(read('sn,cpu_milli,memory_mib\nn1,4000,8192\nn2,8000,16384')).toEqual(plain);
    expect(read('sn,cpu_milli,memory_mib,gpu,model\nn1,4000,8192\nn2,8000,16384,0')).toEqual(plain);
  });

  it('tells by its line what is no good, and goes on', () => {
    const text = `sn,cpu_milli,memory_mib,gpu,model
,1000,1,0,
a/b,1000,1,0,
a,much,1,0,
a,-1,1,0,
a,1000,,0,
a,0,0,0,
a,1e400,1,0,
a,NaN,1,0,
a,1000,1,0,
a,1000,1,0,
b,"1000,1,0,
c,1000`;
    const { rows, bad, badCount } = readNodes(text);
    expect(rows.map(({ name }) => name)).toEqual(['a']);
    expect(bad.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '2: sn is empty',
      "3: sn: 'a/b' contains invalid characters",
      "4: cpu_milli is 'much', and must be a number of 0 or more",
      "5: cpu_milli is '-1', and must be a number of 0 or more",
      '6: memory_mib is empty, and must be a number of 0 or more',
      '7: the node has nothing',
      "8: cpu_milli is '1e400', which is more than 1000000000000",
      "9: cpu_milli is 'NaN', and must be a number of 0 or more",
      "11: node 'a' is there already",
      '12: a quote is not closed',
      '13: memory_mib is empty, and must be a number of 0 or more',
    ]);
    expect(badCount).toBe(11);
  });

  it('is refused at the first bad row if reading is strict', () => {
    const strict = { strict: true };
    expect(readNodes(nodes, strict).rows).toHaveLength(2);
    expect(() => readNodes(`${nodes}n3,x,1,0,`, strict)).toThrow(
      expect.objectContaining({
        code: 'bad-row',
        path: 'line 4',
        message: expect.stringContaining('Line 4: cpu_milli'),
      }),
    );
  });

  it('counts every bad row, and keeps the first of them', () => {
    const { bad, badCount } = readNodes(nodes + 'x\n'.repeat(1_000));
    expect(badCount).toBe(1_000);
    expect(bad).toHaveLength(badRowsKept);
  });

  it('needs to be told what its columns are', () => {
    for (const text of ['name,cpu\na,1', '{"sn": 1}', 'sn;cpu_milli;memory_mib\na;1;1', '"sn,cpu_milli', '<html>']) {
      expect(() => readNodes(text)).toThrow(expect.objectContaining({ code: 'missing-column', path: 'line 1' }));
    }
  });

  it('may be empty', () => {
    for (const text of ['', '\uFEFF', '\n\n', 'sn,cpu_milli,memory_mib,gpu,model\n']) {
      expect(readNodes(text)).toEqual({ rows: [], bad: [], badCount: 0, absent: [] });
    }
  });

  it('becomes classes of machines that are alike', () => {
    const { machines } = clusterOfNodes(
      'c',
      read('a,1000,1,0,\nb,1000,1,0,\nc,1000,1,1,T4\nd,1000,1,1,P4\ne,1000,1,1,T4'),
    );
    expect(machines.map(({ name, count, attributes: what }) => [name, count, what])).toEqual([
      ['a', 2, undefined],
      ['c', 2, 'gpu:T4'],
      ['d', 1, 'gpu:P4'],
    ]);
  });
});

const pods = `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time
p1,12000,16384,1,1000,,LS,Running,0,12537496,0
p2,6000,12288,1,460,V100M16|T4,LS,Running,427061,12902960,427065
p3,1000,100,0,0,,BE,Succeeded,5,7.5,
p4,1000,100,2,1000,,,Failed,5,9,6
`;

describe('a list of pods', () => {
  it('is tasks: parts of a GPU, who will do, whose they are, and how long they last', () => {
    const { rows, badCount } = readPods(pods);
    expect(badCount).toBe(0);
    expect(rows).toEqual([
      { name: 'p1', resources: 'cpus:12;mem:16384;gpu:1', models: [], role: 'LS', at: 0, lastsMs: 12_537_496_000 },
      {
        name: 'p2',
        resources: 'cpus:6;mem:12288;gpu:0.46',
        models: ['V100M16', 'T4'],
        role: 'LS',
        at: 427_061_000,
        lastsMs: 12_475_895_000,
      },
      { name: 'p3', resources: 'cpus:1;mem:100', models: [], role: 'BE', at: 5_000, lastsMs: 2_500 },
      { name: 'p4', resources: 'cpus:1;mem:100;gpu:2', models: [], role: 'none', at: 5_000, lastsMs: 3_000 },
    ]);
  });

  it('may lack the columns at its end: then all come at once and last for ever', () => {
    const short = readPods('name,cpu_milli,memory_mib\np,1000,5').rows;
    expect(short).toEqual([{ name: 'p', resources: 'cpus:1;mem:5', models: [], role: 'none', at: 0, lastsMs: null }]);
    const { rows } = readPods(pods.replaceAll(/,[^,\n]*$/gm, ''));
    expect(rows.map(({ lastsMs }) => lastsMs)).toEqual([12_537_496_000, 12_475_899_000, 2_500, 4_000]);
    // In a row of the whole file nothing stands for when it was deleted: it was not.
    expect(readPods(`${pods}p5,1000,1,0,0,,LS,Running,8,,`).rows.at(-1)).toMatchObject({ at: 8_000, lastsMs: null });
  });

  it('says which columns its header does not name', () => {
    const { absent, rows } = readPods('name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,1000,5,0,0');
    expect(absent).toEqual(['gpu_spec', 'qos', 'pod_phase', 'creation_time', 'deletion_time', 'scheduled_time']);
    const { policies } = simulate({
      cluster: clusterOfNodes('c', read(nodes)),
      workload: workloadOfPods('w', rows),
    });
    // All of it begins at once and lasts for ever, and still there is something to see.
    expect(policies[0]).toMatchObject({ simulatedMs: 1_000, running: 1, series: { running: [1] } });
  });

  it('must not name a column twice, unless nobody looks at it', () => {
    const twice = { code: 'repeated-column', message: expect.stringContaining("'cpu_milli'") };
    expect(() => readPods('name,cpu_milli,memory_mib,CPU_milli\np,1000,5,1')).toThrow(expect.objectContaining(twice));
    expect(readPods('x,name,x,cpu_milli,memory_mib,,\n1,p,2,1000,5,,').rows).toHaveLength(1);
  });

  it('needs no header if its columns are those of the trace', () => {
    expect(readPods(pods.slice(pods.indexOf('\n') + 1)).rows).toEqual(readPods(pods).rows);
  });

  it('tells what is no good of a row', () => {
    const row = (fields: string): string | undefined => readPods(`${pods}${fields}`).bad[0]?.message;
    expect(row('p,1000,1,0,0,,LS,Running,,9,')).toBe('creation_time is empty, and must be a number of 0 or more');
    expect(row('p,1000,1,0,0,,LS,Running,9,8,')).toBe('it ends at 8 s, before it begins at 9 s');
    expect(row('p,1000,1,0,0,,LS,Running,9,10,11')).toBe('it ends at 10 s, before it begins at 11 s');
    expect(row('p,0,0,0,0,,LS,Running,9,10,')).toBe('it asks for nothing');
    expect(row('p,0.0001,0,0,0,,LS,Running,9,10,')).toBe('it asks for nothing');
    expect(row('p,1000,1,0,0,,a/../b,Running,9,10,')).toMatch(/^qos: /);
    expect(row('p,1000,1,0,0,,LS,Running,1e12,1e13,')).toContain('more than 100000000000');
  });

  it('may be empty', () => {
    for (const text of ['', '\n', pods.slice(0, pods.indexOf('\n'))]) expect(readPods(text).rows).toEqual([]);
  });
});

describe('traces whose clocks began long before them', () => {
  const epoch = 1_672_531_200;

  it('begin with their first task', () => {
    const from = (start: number): ReturnType<typeof readPods> =>
      readPods(
        `name,cpu_milli,memory_mib,creation_time,deletion_time,scheduled_time\np,1000,5,${start + 7},${start + 9},\nq,1000,5,${start},${start + 9},${start + 2}`,
      );
    expect(from(epoch).rows[1]).toMatchObject({ at: 1_000 * epoch, lastsMs: 7_000 });
    const jobs = (start: number): unknown => [...workloadOfPods('w', from(start).rows).jobs(1)];
    expect(jobs(epoch)).toEqual(jobs(0));
    const swim = (at: number): unknown => [
      ...workloadOfSwim('w', readSwim(`a ${at} 0 1\nb ${at + 5} 5 1`).rows).jobs(1),
    ];
    expect(swim(epoch)).toEqual(swim(0));
  });
});

describe('a list of jobs', () => {
  const jobs = 'job0\t0\t0\t67108865\t1073741825\t5\njob1\t5\t5\t10\t0\t0\n';

  it('is a map for each block of input, then a reduce for each so many bytes shuffled', () => {
    const { rows } = readSwim(jobs);
    expect(rows).toEqual([
      { id: 'job0', at: 0, inputBytes: 67_108_865, shuffleBytes: 1_073_741_825 },
      { id: 'job1', at: 5_000, inputBytes: 10, shuffleBytes: 0 },
    ]);
    const [first, second] = [...workloadOfSwim('w', rows).jobs(1)];
    expect(first?.groups.map(({ count, afterOthers }) => [count, afterOthers])).toEqual([
      [2, undefined],
      [2, true],
    ]);
    expect(second?.groups.map(({ count }) => count)).toEqual([1]);
  });

  it.each([
    ['a header', `job_id\tsubmit\tgap\tinput\tshuffle\toutput\n${jobs}`],
    ['line ends of Windows', jobs.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\uFEFF${jobs}`],
    ['blanks in place of tabs', jobs.replaceAll('\t', '   ')],
    ['commas in place of tabs', jobs.replaceAll('\t', ',')],
    ['quotes', jobs.replaceAll(/[^\t\n]+/g, '"$&"')],
    ['no last column', jobs.replaceAll(/\t[^\t\n]*$/gm, '')],
    ['more columns', jobs.replaceAll('\n', '\thdfs://x\thdfs://y\n')],
  ])('is the same with %s', (_, text) => {
    expect(readSwim(text)).toEqual(readSwim(jobs));
  });

  it('tells what is no good of a row, and may be empty', () => {
    const { rows, bad } = readSwim(
      'job0 0 0 1\njob1\t\t1\t1\t1\t1\njob2 1 1 x 1 1\njob3 2\n\t3\t1\t1\t1\t1\njob4 -1 0 1 1 1',
    );
    expect(rows.map(({ id }) => id)).toEqual(['job0']);
    expect(bad.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '2: the submit time is empty, and must be a number of 0 or more',
      "3: map input is 'x', and must be a number of 0 or more",
      '4: it has 2 fields, and must have 4 at least',
      '5: the id is empty',
      "6: the submit time is '-1', and must be a number of 0 or more",
    ]);
    expect(readSwim('').rows).toEqual([]);
  });

  it('is not taken from a list of pods, whose numbers would do', () => {
    for (const text of [pods, nodes]) {
      expect(() => readSwim(text)).toThrow(expect.objectContaining({ code: 'wrong-table' }));
    }
  });

  it('comes in the order of time, however it was written', () => {
    const { rows } = readSwim('b 9 0 1 0 0\na 3 0 1 0 0');
    expect([...workloadOfSwim('w', rows).jobs(1)].map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

/** Text as it could be in a file, mostly of what means something in one. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(',', '\n', '"', '""', '\t', '\r\n', '\uFEFF', ' ', '0', '1', '1000', '-1', '1e9', '1e400', 'NaN'),
      fc.constantFrom('sn,cpu_milli,memory_mib,gpu,model\n', 'n1,4000,8192,2,T4', '__proto__', '<script>', 'LS', '|'),
      fc.constantFrom('name,cpu_milli,memory_mib,num_gpu\n', 'gpu:[1-2];x', '\u0000', '\uD800'),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 60, size: 'max' },
  )
  .map((parts) => parts.join(''));

describe('whatever a file holds', () => {
  it('either says that it names no columns, or gives rows that can be simulated', () => {
    const columns = fc.constantFrom('', 'sn,cpu_milli,memory_mib,gpu,model\n', 'model,gpu,sn,memory_mib,cpu_milli\n');
    fc.assert(
      fc.property(columns, anyText, anyText, anyText, (header, nodeText, podText, jobText) => {
        const machines = orNone(() => readNodes(`${header}${nodeText}`).rows);
        for (const { resources: has, attributes: are = '' } of machines) {
          expect(resources(has).items.length).toBeGreaterThan(0);
          attributes(are);
        }
        const named = 'name,cpu_milli,memory_mib,num_gpu,gpu_spec,qos,creation_time\n';
        const tasks = orNone(() => readPods(`${named}${podText}`).rows);
        const jobs = orNone(() => readSwim(jobText).rows).filter(({ inputBytes }) => inputBytes < 1e9);
        const cluster = clusterOfNodes('c', [{ name: 'm', count: 2, resources: 'cpus:8;mem:9000' }, ...machines]);
        for (const workload of [workloadOfPods('p', tasks), workloadOfSwim('j', jobs)]) {
          const { policies } = simulate({ cluster, workload, untilMs: 60_000 });
          expect(policies[0]?.jobs).toBeLessThanOrEqual(tasks.length + jobs.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is all in its lines', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z ]+$/)), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
        const seen: string[] = [];
        eachLine(lines.join(end), (line) => seen.push(line));
        expect(seen).toEqual(lines.filter((line) => line.trim() !== ''));
      }),
    );
  });

  it('is all in its fields, if it is quoted as it must be', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => {
        const line = fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
        expect(commaFields(line)).toEqual(fields.map((field) => field.trim()));
      }),
    );
  });
});

function orNone<Row>(rows: () => readonly Row[]): readonly Row[] {
  try {
    return rows();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect(['missing-column', 'repeated-column', 'wrong-table']).toContain((error as InputError).code);
    return [];
  }
}

const traces = new URL('../../../shared/traces/', import.meta.url);

describe.runIf(existsSync(traces))('the public traces, where they are beside this folder', () => {
  it('are read whole, without a bad row', () => {
    const text = (name: string): string => readFileSync(new URL(name, traces), 'utf8');
    const machines = readNodes(text('openb_node_list_all_node.csv'), { strict: true }).rows;
    expect(machines).toHaveLength(1_523);
    expect(clusterOfNodes('c', machines).machines[0]).toMatchObject({ resources: expect.stringMatching(/^cpus:/) });
    expect(clusterOfNodes('c', machines).machines.some(({ count }) => count === 549)).toBe(true);
    expect(readPods(text('openb_pod_list_default.csv'), { strict: true }).rows).toHaveLength(8_152);
    expect(readSwim(text('FB-2009_samples_24_times_1hr_0.tsv'), { strict: true }).rows).toHaveLength(5_894);
  });
});
