/** Experiments of papers, made again. */
import { describe, expect, it } from 'vitest';
import { reproducePaper, type PaperResult } from '../../src/simulation/index.js';

const ours = ({ figures }: PaperResult, what: string): number => {
  const found = figures.find((figure) => figure.what === what);
  if (found === undefined) throw new Error(`there is no figure ${what}`);
  return found.ours;
};

describe('the experiments of the papers', () => {
  it('of demands that change come within a few percent while machines can be filled', () => {
    const made = reproducePaper('drf-sharing');
    for (const { what, paper, ours: mine } of made.figures) {
      expect(Math.abs(mine - paper), what).toBeLessThan(what.startsWith('minutes 4-6') ? 10 : 3);
    }
  });

  it('of slots show what the paper does: DRF is good for both kinds of jobs, each number of slots bad for one', () => {
    const made = reproducePaper('drf-slots');
    expect(made.figures).toHaveLength(24);
    const jobs = (name: string, kind: string): number => ours(made, `${name}: ${kind} jobs completed`);
    for (const slots of [3, 4, 5, 6]) {
      expect(jobs('DRF', 'large')).toBeGreaterThan(jobs(`${slots} slots`, 'large'));
      expect(jobs('DRF', 'small')).toBeGreaterThan(jobs(`${slots} slots`, 'small'));
    }
    expect(jobs('DRF', 'large')).toBeGreaterThan(1.3 * jobs('CPU-fair', 'large'));
    expect(jobs('6 slots', 'large')).toBeLessThan(jobs('3 slots', 'large') / 2);
    for (const what of ['DRF', '3 slots']) {
      for (const kind of ['large', 'small']) {
        const figure = made.figures.find((one) => one.what === `${what}: response of ${kind} jobs`);
        expect(Math.abs((figure?.ours ?? 0) / (figure?.paper ?? 1) - 1)).toBeLessThan(0.25);
      }
    }
  });

  it('of four frameworks on one cluster show who gains by it', () => {
    const made = reproducePaper('mesos-macro');
    for (const { what, paper, ours: mine } of made.figures) expect(mine / paper, what).toBeLessThan(1.5);
    for (const { what, paper, ours: mine } of made.figures) expect(mine / paper, what).toBeGreaterThan(0.8);
    expect(ours(made, 'large Hadoop: sooner by a factor of')).toBeGreaterThan(2);
    expect(ours(made, 'Torque: sooner by a factor of')).toBeLessThan(1.05);
  });

  it('are known by name', () => {
    expect(() => reproducePaper('toString')).toThrow(expect.objectContaining({ code: 'unknown-paper' }));
  });
});
