import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { cycle } from '../batch/job.js';
import type { CronSpec } from './job.js';

/**
 * Checks that jobs can be set beside those that are known: none is given twice, those that they run after are there, and
 * none runs after itself.
 *
 * @throws InputError `duplicate-job`, `unknown-job` or `dependency-cycle`, with the path.
 */
export function checkAfter(known: readonly CronSpec[], given: readonly CronSpec[], path: string): void {
  const specs = new Map(known.map((spec) => [spec.id, spec]));
  const seen = new Set<string>();
  for (const [index, spec] of given.entries()) {
    if (seen.has(spec.id)) {
      throw new InputError('duplicate-job', `${path}[${index}].id`, `There are two jobs ${quote(spec.id)}`);
    }
    seen.add(spec.id);
    specs.set(spec.id, spec);
  }
  for (const [index, { id, after }] of given.entries()) {
    for (const [at, other] of after.entries()) {
      if (specs.has(other)) continue;
      const message = `There is no job ${quote(other)} to run after`;
      throw new InputError('unknown-job', `${path}[${index}].after[${at}]`, message);
    }
    if (reaches(specs, id)) throw cycle(`${path}[${index}].after`, [id, id]);
  }
}

/** Whether a job runs after itself, through however many others. */
function reaches(specs: ReadonlyMap<string, CronSpec>, id: string): boolean {
  const seen = new Set<string>();
  const open = [...(specs.get(id)?.after ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === id) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(specs.get(next)?.after ?? []));
  }
  return false;
}
