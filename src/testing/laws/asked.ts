/** Order rules that are asked otherwise than a machine asks them. */
import { unitExponential, type Client, type OrderRule } from '../../drf/index.js';
import { isAllocationPolicy, type Policy } from '../../offers/index.js';
import { hashText, Quantities, quantities } from '../../resources/index.js';

/**
 * A rule that is asked twice about each client, the second time about one like it; and so once more with another weight, for
 * what is remembered of one client is told of another. `odd` is told when the answers differ.
 */
export function twiceAsked(policy: Policy, odd: { sentence?: string }): Policy {
  if (isAllocationPolicy(policy)) return policy;
  const compare = (client: Client, as: string): unknown => {
    const rank: unknown = policy.rank(client);
    const next: unknown = policy.rank(likeIt(client));
    if (!Object.is(rank, next) && rank !== next)
      odd.sentence ??= `Asked twice about ${client.path} ${as}, '${policy.name}' ranks it ${String(rank)} and then ${String(next)}.`;
    return rank;
  };
  return withRank(policy, policy.changesWith, (client) => {
    const rank = compare(client, 'as it is');
    compare(heavier(client), 'with twice its weight');
    return rank as number;
  });
}

/** The same client, but for some fields. */
function seenAs(client: Client, field: (key: string | symbol, value: unknown) => unknown): Client {
  return new Proxy(client, {
    get: (target, key) => field(key, Reflect.get(target, key, target) as unknown),
  });
}

/** The same client with twice its weight; what it holds is in the same objects. */
function heavier(client: Client): Client {
  return seenAs(client, (key, value) => {
    if (key === 'weight') return Number(value) * 2;
    return key === 'dominantShare' ? Number(value) / 2 : value;
  });
}

/** The same client with amounts that are others and the same, for what is remembered by object. */
function likeIt(client: Client): Client {
  const copies = new Map<unknown, Quantities>();
  return seenAs(client, (_key, value) => {
    if (!(value instanceof Quantities)) return value;
    const copy = copies.get(value) ?? copyOf(value);
    copies.set(value, copy);
    return copy;
  });
}

function copyOf(amounts: Quantities): Quantities {
  const { millis } = amounts;
  return quantities(amounts.names.map((name, i) => [name, (millis[i] ?? 0) / 1_000] as const));
}

/** The same rule, but that what a client draws changes with the time only. */
export function withSteadyLots(rule: OrderRule): OrderRule {
  return withRank(rule, rule.changesWith, (client) =>
    rule.rank(
      seenAs(client, (key, value) => (key === 'draw' ? unitExponential(client.now, hashText(client.path)) : value)),
    ),
  );
}

/** The same rule with another rank. */
export function withRank(
  rule: OrderRule,
  changesWith: OrderRule['changesWith'],
  rank: (client: Client) => number,
): OrderRule {
  return {
    name: rule.name,
    ...(changesWith === undefined ? {} : { changesWith }),
    ...(rule.flat === undefined ? {} : { flat: rule.flat }),
    rank,
  };
}
