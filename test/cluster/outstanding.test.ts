import { describe, expect, it } from 'vitest';
import { outstandingOffers } from '../../src/cluster/index.js';
import { cluster } from './harness.js';

describe('outstanding offers', () => {
  it('are none in an empty cluster', () => {
    expect(outstandingOffers(cluster().state)).toEqual([]);
  });

  it('are counted by framework, with their ages, oldest first', () => {
    const box = cluster();
    box.framework('__proto__', ['web']);
    box.agent('a1', 'cpus:1;mem:64');
    box.pass(300);
    box.agent('a2', 'cpus:1;mem:64');
    box.pass(200);
    box.framework('b', ['db']);
    box.agent('a3', 'cpus:1;mem:64');
    box.pass(400);
    expect(outstandingOffers(box.state)).toEqual([
      { framework: '__proto__', count: 2, agesMs: [900, 600] },
      { framework: 'b', count: 1, agesMs: [400] },
    ]);
  });

  it('are out no more once answered', () => {
    const box = cluster();
    box.framework('f', ['web']);
    box.agent('a1', 'cpus:1;mem:64');
    expect(outstandingOffers(box.state)).toHaveLength(1);
    box.declineAll('f');
    expect(outstandingOffers(box.state)).toEqual([]);
  });
});
