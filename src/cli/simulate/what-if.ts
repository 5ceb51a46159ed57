/** `proffer simulate --from`: a saved state run ahead, as it is and with changes. */
import { deserialize } from '../../cluster/index.js';
import { drf } from '../../drf/index.js';
import { parseChange, report, whatIf, type TenantDifference, type TenantFigures } from '../../simulation/index.js';
import { plain } from '../cluster/text.js';
import { readAs, readText } from '../files.js';
import { type Io, UsageError } from '../io.js';
import { loadPolicy } from '../policy.js';
import { durationOption } from './duration.js';
import { guarded, writeText } from './outcome.js';
import { progressLine } from './progress.js';
import { summaryOf } from './summary.js';
import { amount, columns, percent, time, whole } from './words.js';

/** The options of the command line that a what-if heeds. */
export interface WhatIfWords {
  readonly change?: readonly string[] | undefined;
  readonly policy?: string | undefined;
  readonly until?: string | undefined;
  readonly lasts?: string | undefined;
  readonly drain?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly report?: string | undefined;
  readonly seed: number;
}

/** Runs ahead twice and prints the difference, tenant by tenant. */
export async function runWhatIf(file: string, words: WhatIfWords, io: Io): Promise<number> {
  const texts = words.change ?? [];
  if (texts.length === 0) throw new UsageError('--from needs a --change: without one there is no difference');
  const untilMs = durationOption('until', words.until) ?? 2 * 3_600_000;
  const lastsMs = durationOption('lasts', words.lasts);
  const policy = words.policy === undefined ? drf : await loadPolicy(words.policy);
  const made = await guarded(async () => {
    const changes = texts.map(parseChange);
    const named = changes.flatMap((change) => (change.kind === 'policy' ? [change.policy] : [])).at(-1);
    const changedPolicy = named === undefined ? policy : await loadPolicy(named);
    const text = await readText(file, io);
    const state = readAs(file, () => deserialize([text]));
    const line = progressLine(io, untilMs);
    try {
      return whatIf({
        ...{ state, changes, policy, changedPolicy, untilMs, seed: words.seed, drains: words.drain === true },
        ...(lastsMs !== undefined && { lastsMs }),
        ...(line.show !== undefined && { onProgress: line.show }),
      });
    } finally {
      line.clear();
    }
  });
  io.stdout(
    words.json === true
      ? `${JSON.stringify({ changes: texts, ...made }, undefined, 2)}\n`
      : `${textOf(texts, made.tenants)}\n${summaryOf(made.result)}`,
  );
  if (words.report !== undefined) await writeText(words.report, report(made.result), io);
  return 0;
}

function timeOrNone(ms: number | null): string {
  return ms === null ? '-' : time(ms);
}

const titles = ['tenant', 'weight', 'share', 'tasks ended', 'still waiting', 'waited p50', 'p95'];

function textOf(changes: readonly string[], tenants: readonly TenantDifference[]): string {
  const rows = tenants.map(({ role, before, after }) => {
    const both = (of: (figures: TenantFigures) => string): string => {
      const [from, to] = [of(before), of(after)];
      return from === to ? from : `${from} -> ${to}`;
    };
    return [
      plain(role),
      both(({ weight }) => amount(weight)),
      both(({ share }) => percent(share)),
      both(({ ended }) => whole(ended)),
      both(({ waiting }) => whole(waiting)),
      both(({ waitedP50Ms }) => timeOrNone(waitedP50Ms)),
      both(({ waitedP95Ms }) => timeOrNone(waitedP95Ms)),
    ];
  });
  const lines = [`As it is, and with ${changes.map(plain).join(', ')}:`, '', ...columns([titles, ...rows])];
  return lines.map((line) => `${line}\n`).join('');
}
