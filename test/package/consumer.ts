// Compiled against the packed types as ES module, as CommonJS and through a bundler's resolution.
import { contains, drf, resources, type OrderRule, type Policy, type Resources } from 'proffer';
import { createSorter, dominantShare } from 'proffer/drf';
import { taskFunction } from 'proffer/framework-api';
import { add, InputError } from 'proffer/resources';
import { runScenario, type ScenarioResult } from 'proffer/testing';

const half: Resources = resources('cpus:4;mem:512');
export const whole: Resources = add(half, half);
export const fits: boolean = contains(whole, half);

export const leastFirst: OrderRule = { name: 'least-first', rank: (client) => client.dominantShare };
export const policies: readonly Policy[] = [drf, leastFirst];
export const order: readonly string[] = createSorter({ rule: leastFirst }).sort();
export const share: typeof dominantShare = dominantShare;

export async function passed(file: unknown): Promise<number> {
  const result: ScenarioResult = await runScenario(file);
  return result.passed;
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof InputError ? error.code : undefined;
}

// The signal is the platform's own where the platform has types.
export const fetching: ReturnType<typeof taskFunction> = taskFunction(async (task, signal) => {
  const answer = await fetch(String(task.payload), { signal });
  return answer.text();
});
