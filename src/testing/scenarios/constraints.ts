/** Suite `offer-constraints`: which agents a framework's constraints exclude (FORMAT.md §7). */
import { v1OfferConstraints } from '../../cluster/index.js';
import { excludes, offerConstraints, type ConstrainedAgent, type OfferConstraints } from '../../offers/index.js';
import { problemIn } from '../../resources/index.js';
import type { ScenarioFailure } from './failure.js';
import { Fields, bad } from './fields.js';

/** Runs one case; an unknown field is a failure, and so is a case that expects nothing. */
export function runConstraintsCase(c: unknown): readonly ScenarioFailure[] {
  const fields = new Fields(c);
  for (const name of ['id', 'source']) fields.text(name);
  fields.optionalTexts('tags');
  const written = fields.raw('roleConstraints');
  const checks = fields.has('checks') ? fields.list('checks') : undefined;
  const expectError = fields.optionalFlag('expectError');
  fields.end();
  if (expectError === undefined && checks === undefined) throw bad('a case has checks or expectError');

  let constraints: OfferConstraints = [];
  const problem = problemIn(() => {
    constraints = offerConstraints(v1OfferConstraints(written));
  });
  if ((problem !== undefined) !== (expectError ?? false)) {
    return [
      { step: 'roleConstraints', expected: { expectError: expectError ?? false }, actual: problem ?? 'no error' },
    ];
  }
  return (checks ?? []).flatMap((check, step) => runCheck(constraints, new Fields(check), step));
}

function runCheck(constraints: OfferConstraints, check: Fields, step: number): readonly ScenarioFailure[] {
  const role = check.text('role');
  const agent = readAgent(check.inner('agent'));
  const excluded = check.optionalFlag('excluded');
  check.end();
  const actual = excludes(constraints, role, agent);
  return actual === excluded ? [] : [{ step, expected: { excluded }, actual: { excluded: actual } }];
}

function readAgent(agent: Fields): ConstrainedAgent {
  const region = agent.optionalText('region');
  const zone = agent.optionalText('zone');
  const read = {
    attributes: agent.optionalText('attributes') ?? '',
    // Every agent has a hostname; a check that names none does not look at it.
    hostname: agent.optionalText('hostname') ?? '',
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
  };
  agent.end();
  return read;
}
