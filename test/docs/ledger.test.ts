/** The ledger of `docs/scale.md`: its code there is that of a file, and does what the page says. */
import { readFileSync } from 'node:fs';
import {
  createMaster,
  dominantShare,
  drf,
  quantities,
  type Client,
  type Master,
  type OrderRule,
  type Scheduler,
} from 'proffer';
import { manualClock, memoryTransport, type ManualClock } from 'proffer/transport';
import { describe, expect, it } from 'vitest';
import { globalDrf, pageOf, type Page } from '../../docs/scale/ledger.js';

/** A master that reads whatever pages it has last heard. */
class Site {
  readonly clock: ManualClock = manualClock();
  readonly master: Master;
  /** Tasks by role. */
  readonly running = new Map<string, number>();
  #order: OrderRule = drf;

  constructor(masterId: string, agents: number, roles: readonly string[]) {
    const memory = memoryTransport({ clock: this.clock });
    const policy: OrderRule = { name: 'global-drf', rank: (client) => this.#order.rank(client) };
    this.master = createMaster({ clock: this.clock, transports: [memory], policy, config: { masterId } });
    for (const role of roles) this.master.subscribe({ name: role, roles: [role] }, this.#taker(role));
    for (let n = 0; n < agents; n += 1) memory.agent(`${masterId}-m${n}`, 'cpus:4;mem:8192');
  }

  get page(): Page {
    return JSON.parse(JSON.stringify(pageOf(this.master.state))) as Page;
  }

  hear(pages: readonly Page[]): void {
    this.#order = globalDrf(pages);
  }

  /** Runs a task on the whole of each machine that it is offered. */
  #taker(role: string): Scheduler {
    return {
      offers: (offers, driver) => {
        for (const offer of offers) {
          const started = (this.running.get(role) ?? 0) + 1;
          this.running.set(role, started);
          driver.launch(offer, { id: `${role}.${started}`, resources: offer.resources, payload: {} });
        }
      },
    };
  }
}

describe('a ledger of what roles hold elsewhere', () => {
  const held = async (hears: boolean): Promise<readonly (number | undefined)[]> => {
    const east = new Site('east', 10, ['batch']);
    await east.clock.advance(2_000);
    const west = new Site('west', 10, ['batch', 'web']);
    if (hears) west.hear([east.page]);
    await west.clock.advance(2_000);
    await Promise.all([east.master.close(), west.master.close()]);
    return [east.running.get('batch'), west.running.get('batch'), west.running.get('web')];
  };

  it('gives what is free here to the role that holds nothing elsewhere', async () => {
    expect(await held(true)).toEqual([10, undefined, 10]);
  });

  it('is what makes the difference: alone, a master divides its own agents evenly', async () => {
    expect(await held(false)).toEqual([10, 5, 5]);
  });

  it('ranks as drf does where there is no other master', () => {
    const [held, all] = [quantities('cpus:3;mem:1024'), quantities('cpus:9;mem:18432')];
    const client: Client = {
      path: 'web',
      weight: 2,
      priority: 0,
      count: 1,
      allocated: held,
      total: all,
      dominantShare: dominantShare(held, all, { weight: 2 }),
      since: 1,
      servedAt: 1,
      now: 0,
      draw: 0,
    };
    expect(globalDrf([]).rank(client)).toBe(drf.rank(client));
    const other: Page = { master: 'east', total: 'cpus:9', roles: [['web', 'cpus:6']] };
    expect(globalDrf([other]).rank(client)).toBe(9 / 18 / 2);
  });

  it('is shown in the page as it is in the file', () => {
    const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    expect(read('docs/scale.md')).toContain(`\`\`\`ts\n${read('docs/scale/ledger.ts')}\`\`\``);
  });
});
