import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { hover } from '../../src/simulation/report/hover.js';
import { report } from '../../src/simulation/report/index.js';
import { madeUp } from './report-data.js';
import { all, byId, read, textOf, type Element } from './report-reader.js';

interface Pointer {
  readonly clientX?: number;
  readonly clientY?: number;
  readonly key?: string;
  readonly shiftKey?: boolean;
  readonly preventDefault?: () => void;
}

/** As much of an element of a browser as the script needs. What it does not know is an error. */
class FakeElement {
  readonly attributes: Map<string, string>;
  readonly children: FakeElement[] = [];
  readonly listeners = new Map<string, (event: Pointer) => void>();
  readonly style: Record<string, string> = {};
  readonly #of: Element | undefined;
  readonly #charts: readonly FakeElement[];
  className = '';
  hidden = false;
  tabIndex = -1;
  textContent = '';

  constructor(of?: Element, charts: readonly FakeElement[] = []) {
    this.#of = of;
    this.#charts = charts;
    this.attributes = new Map(of?.attributes);
    if (of !== undefined) this.textContent = textOf(of);
  }

  get id(): string {
    return this.attributes.get('id') ?? '';
  }

  get dataset(): Record<string, string> {
    const data = [...this.attributes].filter(([name]) => name.startsWith('data-'));
    return Object.fromEntries(data.map(([name, value]) => [name.slice('data-'.length), value]));
  }

  querySelectorAll(selector: string): FakeElement[] {
    if (selector === 'svg.chart') return [...this.#charts];
    if (this.#of === undefined || selector !== 'path[data-name]') throw new Error(selector);
    const paths = all(this.#of, 'path').filter(({ attributes }) => attributes.has('data-name'));
    return paths.map((path) => new FakeElement(path));
  }

  querySelector(selector: string): FakeElement | null {
    const [found] = this.#of === undefined ? [] : all(this.#of, selector);
    return found === undefined ? null : new FakeElement(found);
  }

  closest(): FakeElement {
    return new FakeElement(undefined, this.#charts);
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  addEventListener(type: string, listener: (event: Pointer) => void): void {
    this.listeners.set(type, listener);
  }

  append(...children: readonly FakeElement[]): void {
    this.children.push(...children);
  }

  replaceChildren(...children: readonly FakeElement[]): void {
    this.children.splice(0, Infinity, ...children);
  }

  remove(): void {
    this.hidden = true;
  }

  getBoundingClientRect(): { left: number; top: number; width: number; height: number } {
    return { left: 100, top: 50, width: 200, height: 100 };
  }
}

/** Runs the script on the plots of a report. */
function page(data: Parameters<typeof report>[0], id: string): { chart: FakeElement; readout: () => string[][] } {
  const element = byId(read(report(data)), id);
  const charts: FakeElement[] = [];
  const chart = new FakeElement(element, charts);
  charts.push(chart);
  const body = new FakeElement();
  const document = {
    body,
    documentElement: { clientWidth: 1_000 },
    createElement: () => new FakeElement(),
    createElementNS: () => new FakeElement(),
    querySelectorAll: (selector: string) => new FakeElement(undefined, charts).querySelectorAll(selector),
  };
  runInNewContext(hover, { document, innerHeight: 800 });
  const readout = (): string[][] => {
    const [shown] = body.children;
    if (shown === undefined || shown.hidden) return [];
    return shown.children.map(({ textContent, children }) =>
      children.length === 0 ? [textContent] : children.map((child) => child.textContent),
    );
  };
  return { chart, readout };
}

describe('the script of a report', () => {
  const hour = 3_600_000;
  const data = madeUp({ policies: ['drf'], roles: ['web', '<b>etl'], resources: ['cpus'], spans: 4, spanMs: hour });

  it('tells the values of all lines under the pointer, the largest first, and names as they are', () => {
    const { chart, readout } = page(data, 'shares0');
    chart.listeners.get('pointermove')?.({ clientX: 100 + 200 * 0.4, clientY: 60 });
    expect(readout()).toEqual([['1.6 h'], ['web', '14.0%'], ['<b>etl', '0.0%']]);
    chart.listeners.get('pointerleave')?.({});
    expect(readout()).toEqual([]);
  });

  it('tells what is stranded apart from what it lies on', () => {
    const { chart, readout } = page(data, 'use0');
    chart.listeners.get('pointermove')?.({ clientX: 100 + 200 * 0.4, clientY: 60 });
    expect(readout()).toEqual([['1.6 h'], ['in use', '28.0%'], ['stranded', '7.0%']]);
  });

  it('goes along a plot by the arrow keys', () => {
    const { chart, readout } = page(data, 'shares0');
    expect(chart.tabIndex).toBe(0);
    const key = (name: string): void =>
      chart.listeners.get('keydown')?.({ key: name, shiftKey: true, preventDefault: () => undefined });
    key('ArrowRight');
    expect(readout()[0]).toEqual(['2.4 h']);
    key('ArrowLeft');
    key('ArrowLeft');
    expect(readout()[0]).toEqual(['1.6 h']);
    key('Escape');
    expect(readout()).toEqual([]);
  });

  it('keeps what a plot is called', () => {
    const { chart } = page(data, 'shares0');
    expect(chart.getAttribute('aria-label')).toBe('Dominant shares over time under drf');
    expect(chart.getAttribute('aria-describedby')).toBe('shares0-d');
  });
});
