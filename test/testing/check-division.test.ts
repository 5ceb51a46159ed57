/** Table 2 of the paper (Ghodsi et al., NSDI 2011, §6) comes out of the checker, which knows none of its numbers. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { amount } from '../../src/index.js';
import {
  anyCluster,
  checkDivision,
  divisions,
  fairnessLaws,
  type Counterexample,
  type Divide,
  type FairnessLaw,
} from '../../src/testing/index.js';

/** Laws that do not hold, as the table has them. */
const broken = {
  assetFairness: ['sharing-incentive', 'bottleneck-fairness', 'resource-monotonicity'],
  ceei: ['strategy-proofness', 'population-monotonicity', 'resource-monotonicity'],
  drf: ['resource-monotonicity'],
} as const satisfies Record<keyof typeof divisions, readonly FairnessLaw[]>;

const names = Object.keys(broken) as readonly (keyof typeof divisions)[];

/**
 * With how many users the paper shows it; always with two resources. Its largest numbers are 21 (theorem 2), 30, 100 and 154:
 * what is found has none above 20.
 */
function usersOfThePaper(law: FairnessLaw): number {
  return law === 'population-monotonicity' ? 3 : 2;
}

function numbersIn({ agents, frameworks }: Counterexample): readonly number[] {
  const texts = [...agents.map(({ resources }) => resources), ...frameworks.map(({ demand }) => demand)];
  return texts.flatMap((text) => [...text.matchAll(/:([\d.]+)/g)].map(([, number]) => Number(number)));
}

function kindsOf({ agents, frameworks }: Counterexample): number {
  const text = [...agents.map(({ resources }) => resources), ...frameworks.map(({ demand }) => demand)].join(';');
  return new Set([...text.matchAll(/(\w+):/g)].map(([, name]) => name)).size;
}

const goldens = new URL('../testdata/paper/', import.meta.url);

/** The pools and tasks of the worked examples. */
function numbersOfThePaper(golden: string): readonly number[] {
  const texts = [...golden.matchAll(/(?:total|task)=(\S+)/g)].map(([, text = '']) => text);
  return texts.flatMap((text) => [...text.matchAll(/:(\d+)/g)].map(([, number]) => Number(number)));
}

function sourcesOf(folder: string): readonly (readonly [string, ts.SourceFile])[] {
  const place = new URL(`../../src/testing/${folder}/`, import.meta.url);
  return readdirSync(place).map((file) => {
    const text = readFileSync(new URL(file, place), 'utf8');
    return [`${folder}/${file}`, ts.createSourceFile(file, text, ts.ScriptTarget.ES2022)] as const;
  });
}

function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

function literalsIn(source: ts.SourceFile): readonly number[] {
  return [...nodesOf(source)].flatMap((node) => (ts.isNumericLiteral(node) ? [Number(node.text)] : []));
}

/** Lists with two numbers that are written down. */
function vectorsIn(source: ts.SourceFile): readonly string[] {
  return [...nodesOf(source)]
    .filter((node) => ts.isArrayLiteralExpression(node) && node.elements.filter(ts.isNumericLiteral).length > 1)
    .map((node) => node.getText(source));
}

/** Texts that say how much of something: `cpus:1`. */
function resourceTextsIn(source: ts.SourceFile): readonly string[] {
  return [...nodesOf(source)].flatMap((node) =>
    ts.isStringLiteralLike(node) && /\w:\d/.test(node.text) ? [node.text] : [],
  );
}

describe('table 2', () => {
  it.each(names)('has the verdicts of the paper for %s, in 2,000 runs', (name) => {
    const { laws } = checkDivision(divisions[name], { runs: 2_000, seed: 20_110_330 });
    const violated = fairnessLaws.filter((law) => laws[law]?.verdict === 'violated');
    expect(violated).toEqual(broken[name]);
    for (const law of fairnessLaws) {
      const { verdict, runs = 0 } = laws[law] ?? {};
      expect(verdict === 'holds' ? runs : 2_000, law).toBe(2_000);
    }
  });

  it.each(names)("has a counterexample as small as the paper's for each law that %s breaks, from 20 seeds", (name) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { laws } = checkDivision(divisions[name], { laws: broken[name], runs: 2_000, seed });
      for (const law of broken[name]) {
        const found = (laws as Partial<Record<FairnessLaw, { counterexample?: Counterexample }>>)[law]?.counterexample;
        if (found === undefined) throw new Error(`${law} of ${name} is not found from seed ${seed}`);
        expect(found.frameworks).toHaveLength(usersOfThePaper(law));
        expect(kindsOf(found)).toBe(2);
        expect(found.agents).toHaveLength(1);
        expect(found.frameworks.every(({ weight }) => weight === 1)).toBe(true);
        for (const number of numbersIn(found)) {
          expect(Number.isInteger(number)).toBe(true);
          expect(number).toBeLessThanOrEqual(20);
        }
      }
    }
  });

  it('was drawn from clusters that know none of the numbers of the paper', () => {
    const printed = readdirSync(goldens).flatMap((file) =>
      numbersOfThePaper(readFileSync(new URL(file, goldens), 'utf8')),
    );
    // Smaller numbers are in any code.
    const telling = new Set(printed.filter((number) => number > 12));
    expect([...telling].sort((x, y) => x - y)).toEqual([16, 18, 21, 30, 48, 77, 100, 154]);
    for (const [file, source] of [...sourcesOf('arbitraries'), ...sourcesOf('laws')]) {
      expect(
        literalsIn(source).filter((number) => telling.has(number)),
        file,
      ).toEqual([]);
      expect(resourceTextsIn(source), file).toEqual([]);
    }
  });

  it('was drawn without one pool or task that is written down', () => {
    expect(sourcesOf('arbitraries').length).toBeGreaterThan(3);
    for (const [file, source] of sourcesOf('arbitraries')) expect(vectorsIn(source), file).toEqual([]);
    const written = ts.createSourceFile(
      'x.ts',
      "const a = [[9, 18], [n, 1]]; const b = 'cpus:1;mem:4';",
      ts.ScriptTarget.ES2022,
    );
    expect(vectorsIn(written)).toEqual(['[9, 18]']);
    expect(resourceTextsIn(written)).toEqual(['cpus:1;mem:4']);
  });
});

describe('a division that is wrong', () => {
  const found = (divide: Divide, law: FairnessLaw): Counterexample => {
    const { laws } = checkDivision(divide, { laws: [law], seed: 1 });
    const { counterexample } = laws[law] ?? {};
    if (counterexample === undefined) throw new Error(`${law} holds`);
    return counterexample;
  };

  it('gives more than there is', () => {
    const generous: Divide = (_, users) => users.map(() => 1_000);
    expect(found(generous, 'pareto-efficiency')).toEqual({
      agents: [{ id: 'm1', resources: 'cpus:1' }],
      frameworks: [{ name: 'a', role: 'a', weight: 1, demand: 'cpus:1' }],
      allocated: [{ framework: 'a', tasks: 1_000, resources: 'cpus:1000' }],
      sentence: '1000 cpus are given, and there are 1.',
      replay: [],
    });
  });

  it('leaves something', () => {
    const halves: Divide = (total, users) => divisions.drf(total, users).map((tasks) => tasks / 2);
    expect(found(halves, 'pareto-efficiency').sentence).toBe(
      'a could run more: something is left of everything that it needs.',
    );
  });

  it('knows no weights', () => {
    const blind: Divide = (total, users) =>
      divisions.drf(
        total,
        users.map(({ demand }) => ({ demand, weight: 1 })),
      );
    const { frameworks, sentence } = found(blind, 'sharing-incentive');
    expect(frameworks.map(({ weight }) => weight).sort()).toEqual([1, 2]);
    expect(sentence).toMatch(/^. gets 0\.5 tasks; on its own 2\/3 of everything it would run 0\.6667\.$/);
    expect(found(blind, 'envy-freeness').frameworks).toHaveLength(2);
    expect(found(blind, 'single-resource-fairness').frameworks).toHaveLength(2);
  });

  it('gives all to one', () => {
    const winner: Divide = (total, users) =>
      users.map(({ demand }, i) =>
        i > 0 ? 0 : Math.min(...demand.names.map((kind) => amount(total, kind) / amount(demand, kind))),
      );
    const { sentence, allocated } = found(winner, 'envy-freeness');
    expect(sentence).toBe('b gets 0 tasks, and would run 1 with what a has.');
    expect(allocated.map(({ tasks }) => tasks)).toEqual([1, 0]);
  });

  it('answers with something else: that is thrown, not judged', () => {
    for (const answer of [[], [1, Number.NaN], [-1, 2], 'much', undefined]) {
      const odd = (() => answer) as unknown as Divide;
      expect(() => checkDivision(odd, { laws: ['envy-freeness'], cluster: twoOfACluster })).toThrow(
        expect.objectContaining({ code: 'bad-division', path: 'divide' }),
      );
    }
  });
});

const twoOfACluster = {
  agents: [{ id: 'm1', resources: 'cpus:4' }],
  frameworks: [
    { name: 'x', demand: 'cpus:1' },
    { name: 'y', demand: 'cpus:2' },
  ],
} as const;

describe('a check', () => {
  it('is the same from the same seed, whatever else is asked', () => {
    const some = checkDivision(divisions.ceei, { laws: ['strategy-proofness'], seed: 5 }).laws;
    const all = checkDivision(divisions.ceei, { runs: 300, seed: 5 }).laws;
    expect(some['strategy-proofness']).toEqual(all['strategy-proofness']);
    expect(Object.keys(some)).toEqual(['strategy-proofness']);
  });

  it('draws a seed, tells it, and calls the function by its name', () => {
    const { seed, policy } = checkDivision(divisions.drf, { runs: 1 });
    expect(Number.isSafeInteger(seed)).toBe(true);
    expect(policy).toBe('drf');
  });

  it("looks at a cluster of one's own, all agents of it as one", () => {
    const seen = new Set<string>();
    const watching: Divide = (total, users) => {
      seen.add(`${String(total)} | ${users.map(({ demand, weight }) => `${weight} of ${String(demand)}`).join(', ')}`);
      return divisions.drf(total, users);
    };
    const cluster = {
      agents: [
        { id: 'one', resources: 'cpus:4;mem:512' },
        { id: 'two', resources: 'cpus:0.5;mem:512;ports:[1-2]' },
      ],
      frameworks: [{ name: 'f', role: 'r', weight: 1.5, demand: 'cpus:0.25;mem:128' }],
    };
    checkDivision(watching, { cluster, laws: ['sharing-incentive'], runs: 3 });
    expect([...seen]).toEqual(['cpus:4.5; mem:1024 | 1.5 of cpus:0.25; mem:128']);
  });

  it('finds a lie in large numbers too', () => {
    const cluster = fc.constant({
      agents: [{ id: 'm', resources: 'cpus:1000;mem:100000' }],
      frameworks: [
        { name: 'x', demand: 'cpus:160;mem:1000' },
        { name: 'y', demand: 'cpus:10;mem:2000' },
      ],
    });
    const { laws } = checkDivision(divisions.ceei, { cluster, laws: ['strategy-proofness'], seed: 3 });
    expect(laws['strategy-proofness']?.verdict).toBe('violated');
  });

  it('takes clusters that are drawn', () => {
    const cluster = anyCluster({ maxFrameworks: 2, kinds: ['gpus'] });
    const { laws } = checkDivision(divisions.assetFairness, {
      cluster,
      laws: ['sharing-incentive'],
      runs: 100,
      seed: 1,
    });
    expect(laws['sharing-incentive']).toEqual({ verdict: 'holds', runs: 100 });
  });

  it.each([
    ['unknown-law', { laws: ['kindness' as FairnessLaw] }],
    ['unknown-law', { laws: ['liveness' as FairnessLaw] }],
    ['bad-runs', { runs: 0 }],
    ['bad-runs', { runs: 1.5 }],
    ['bad-seed', { seed: Number.NaN }],
    ['bad-cluster', { cluster: { agents: [], frameworks: twoOfACluster.frameworks } }],
    ['bad-cluster', { cluster: { ...twoOfACluster, frameworks: [] } }],
    ['bad-cluster', { cluster: { ...twoOfACluster, frameworks: [{ name: 'x', demand: '' }] } }],
    ['bad-cluster', { cluster: { ...twoOfACluster, agents: [...twoOfACluster.agents, ...twoOfACluster.agents] } }],
    ['bad-weight', { cluster: { ...twoOfACluster, frameworks: [{ name: 'x', demand: 'cpus:1', weight: -1 }] } }],
  ] as const)('refuses what makes no sense by code: %s', (code, options) => {
    expect(() => checkDivision(divisions.drf, options)).toThrow(expect.objectContaining({ code }));
  });
});
