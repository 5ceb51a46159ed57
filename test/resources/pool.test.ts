import { describe, expect, it } from 'vitest';
import { equals, resources } from '../../src/resources/index.js';
import { pooled } from '../../src/resources/pool.js';

/** A bag that is no other's object: read as a list, it is in no memo of texts. */
function bag(text: string): ReturnType<typeof resources> {
  return resources([text, 'cpus:0.001']);
}

describe('pooled', () => {
  it('gives one object for equal amounts, and for equal amounts with the same ports', () => {
    for (const text of ['cpus:4;mem:128', 'cpus:4;mem:128;ports:[31000-31009, 31011-31020]', 'ports:[1-2]']) {
      const first = bag(text);
      const second = bag(text);
      expect(first).not.toBe(second);
      expect(pooled(first), text).toBe(first);
      expect(pooled(second), text).toBe(first);
    }
  });

  it('never gives another bag than an equal one', () => {
    const texts = [
      'cpus:4',
      'cpus:4;mem:0.001',
      'cpus:4;disk:0.001',
      'cpus:4;ports:[1-9]',
      'cpus:4;ports:[1-4, 6-9]',
      'cpus:4;ports:[1-3, 5-9]',
      'cpus:4;ports:[1-4, 5-9]',
      'cpus:4;pages:[1-9]',
      'cpus(web):4;ports:[1-9]',
      'cpus:4;ports(web):[1-9]',
      'cpus:4;ports:[1-9];pages:[1-9]',
      'cpus:4;rack:{a, b}',
    ];
    for (let round = 0; round < 2; round += 1) {
      for (const text of texts) {
        const own = bag(text);
        const given = pooled(own);
        expect(equals(given, own), text).toBe(true);
        expect(String(given)).toBe(String(own));
      }
    }
  });

  it('leaves alone what has more than amounts and the ranges of one name', () => {
    for (const text of ['cpus:4;rack:{a}', 'cpus:4;ports(web):[1-9]', 'ports:[1-9];pages:[1-9]']) {
      pooled(bag(text));
      const own = bag(text);
      expect(pooled(own), text).toBe(own);
    }
  });
});
