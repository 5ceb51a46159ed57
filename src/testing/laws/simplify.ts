/** What is a little simpler than a trial: the steps in which a counterexample is made small. */
import { isInOddRole, oddNames, renamed, simplerRoles } from './plain-names.js';
import { asOneAgent, plainSetting, unit, type Trial, type TrialQuota } from './trial.js';

/**
 * Trials that are simpler than this one, what takes most away first: without an agent, a user, a kind, a move; with weights
 * of 1; with smaller numbers.
 */
export function* simpler(trial: Trial): Generator<Trial> {
  yield* fewerMoves(trial);
  yield* fewerAgents(trial);
  if (trial.users.length > 1) for (const i of trial.users.keys()) yield withoutUser(trial, i);
  if (trial.kinds.length > 1) for (const i of trial.kinds.keys()) yield withoutKind(trial, i);
  yield* fewerExtras(trial);
  yield* plainerSettings(trial);
  yield* simplerRoles(trial);
  yield* lighter(trial);
  yield* lessOfAll(trial);
  for (const kind of trial.kinds.keys()) yield* rescaled(trial, kind);
  for (const user of trial.users.keys()) yield* smallerTasks(trial, user);
  yield* smallerNumbers(trial);
  yield* renamed(trial);
}

/** How much there is to take in: what `simpler` yields has less of it, or is passed over. Earlier numbers weigh more. */
export function sizeOf(trial: Trial): readonly number[] {
  const { moves, agents, users, kinds, quotas, growth, lie } = trial;
  const seconds = users.filter(({ secondRole }) => secondRole !== undefined).length;
  const marked = agents.filter(({ attributes }) => attributes !== undefined).length;
  const extras = seconds + marked + agents.reduce((sum, { others }) => sum + others.length, 0);
  const { begins, isNested } = trial.setting;
  const settings = Number(begins !== 0) + Number(isNested);
  const odd = users.filter(({ weight }) => weight !== 1).length + users.filter(isInOddRole).length + settings;
  const amounts = [...agents.flatMap((agent) => agent.amounts), ...users.flatMap((user) => user.demand)];
  const more = [...(growth ?? []), ...(lie?.demand ?? []), ...quotas.flatMap(amountsOf)];
  const all = [...amounts, ...more];
  const things = agents.length + users.length + kinds.length + extras + quotas.length + moves.length;
  const broken = [...all.map((amount) => amount / unit), ...users.map(({ weight }) => weight)].filter(isBroken).length;
  return [things, odd, broken, all.reduce((sum, amount) => sum + amount, 0), sumOfWeights(trial), oddNames(trial)];
}

function isBroken(value: number): boolean {
  return !Number.isInteger(value);
}

function sumOfWeights({ users, moves }: Trial): number {
  const chosen = moves.reduce((sum, { choices }) => sum + choices.reduce((a, b) => a + b, 0), 0);
  return users.reduce((sum, { weight }) => sum + weight, 0) + chosen;
}

/** Whether the first size is below the second, the first number that differs deciding. */
export function isSmaller(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((number, i) => number !== b[i]);
  return at !== -1 && (a[at] ?? 0) < (b[at] ?? 0);
}

function* fewerMoves(trial: Trial): Generator<Trial> {
  const { moves } = trial;
  for (let length = moves.length; length >= 1; length = Math.floor(length / 2)) {
    for (let start = 0; start + length <= moves.length; start += length) {
      yield { ...trial, moves: [...moves.slice(0, start), ...moves.slice(start + length)] };
    }
  }
}

/** Without an agent, with all of them as one, or with one that has what two had. */
function* fewerAgents(trial: Trial): Generator<Trial> {
  const { agents } = trial;
  if (agents.length < 2) return;
  for (const index of agents.keys()) yield { ...trial, agents: agents.filter((_, i) => i !== index) };
  yield asOneAgent(trial);
  const [first, second, ...rest] = agents;
  if (first === undefined || second === undefined || rest.length === 0) return;
  const sums = first.amounts.map((amount, kind) => amount + (second.amounts[kind] ?? 0));
  yield { ...trial, agents: [{ ...first, amounts: sums }, ...rest] };
}

/** Less of all that machines have, in the same proportions. */
function* lessOfAll(trial: Trial): Generator<Trial> {
  const amounts = trial.agents.flatMap((agent) => agent.amounts);
  for (const parts of [2, 3, 4, 5, 6, 7]) {
    if (!amounts.every((amount) => amount % (parts * unit) === 0)) continue;
    const agents = trial.agents.map((agent) => ({
      ...agent,
      amounts: agent.amounts.map((amount) => (amount / parts) * (parts - 1)),
    }));
    yield { ...trial, agents };
  }
}

function withoutUser(trial: Trial, index: number): Trial {
  const shifted = (user: number): number | null => (user === index ? null : user > index ? user - 1 : user);
  const liar = trial.lie === null ? null : shifted(trial.lie.user);
  const users = trial.users.filter((_, i) => i !== index);
  return {
    ...trial,
    users,
    quotas: trial.quotas.filter(({ role }) => users.some((user) => user.role === role)),
    lie: trial.lie === null || liar === null ? null : { ...trial.lie, user: liar },
    leaver: trial.leaver === null ? null : shifted(trial.leaver),
  };
}

/** Without a kind; nobody may be left who needs nothing. */
function withoutKind(trial: Trial, index: number): Trial {
  const rest = <T>(list: readonly T[]): readonly T[] => list.filter((_, i) => i !== index);
  const some = (list: readonly number[]): readonly number[] =>
    list.some((amount) => amount > 0) ? list : [unit, ...list.slice(1)];
  return {
    ...trial,
    kinds: rest(trial.kinds),
    agents: trial.agents.map((agent) => ({ ...agent, amounts: rest(agent.amounts) })),
    users: trial.users.map((user) => ({ ...user, demand: some(rest(user.demand)) })),
    quotas: trial.quotas.map((quota) => ({
      ...quota,
      guarantees: rest(quota.guarantees),
      limits: rest(quota.limits),
    })),
    lie: trial.lie && { ...trial.lie, demand: some(rest(trial.lie.demand)) },
    growth: trial.growth && rest(trial.growth),
  };
}

/** From the beginning of time on, and with roles at the top. */
function* plainerSettings(trial: Trial): Generator<Trial> {
  const { setting } = trial;
  if (setting.begins !== 0) yield { ...trial, setting: { ...setting, begins: plainSetting.begins } };
  if (setting.isNested) yield { ...trial, setting: { ...setting, isNested: false } };
}

function* fewerExtras(trial: Trial): Generator<Trial> {
  for (const [i, { secondRole, ...user }] of trial.users.entries()) {
    if (secondRole !== undefined) yield { ...trial, users: trial.users.with(i, user) };
  }
  for (const [i, agent] of trial.agents.entries()) {
    const { attributes, ...unmarked } = agent;
    if (attributes !== undefined) yield { ...trial, agents: trial.agents.with(i, unmarked) };
    for (const j of agent.others.keys()) {
      const others = agent.others.filter((_, k) => k !== j);
      yield { ...trial, agents: trial.agents.with(i, { ...agent, others }) };
    }
  }
  for (const [i, quota] of trial.quotas.entries()) {
    yield { ...trial, quotas: trial.quotas.filter((_, j) => j !== i) };
    yield* withQuota(trial, i, { ...quota, limits: quota.limits.map(() => null) });
    yield* withQuota(trial, i, { ...quota, guarantees: quota.guarantees.map(() => null) });
  }
}

/** With another quota, if it is one: no guarantee may be above its limit, and without either there is none. */
function* withQuota(trial: Trial, index: number, quota: TrialQuota): Generator<Trial> {
  const { guarantees, limits } = quota;
  const isOne = [...guarantees, ...limits].some((amount) => amount !== null);
  if (isOne && guarantees.every((amount, kind) => (amount ?? 0) <= (limits[kind] ?? Infinity)))
    yield { ...trial, quotas: trial.quotas.with(index, quota) };
}

/** With weights of 1, or at least whole ones. */
function* lighter(trial: Trial): Generator<Trial> {
  const smallest = Math.min(...trial.users.map(({ weight }) => weight));
  const divided = trial.users.map((user) => ({ ...user, weight: user.weight / smallest }));
  // Weights are whole thousandths: a third of one would be another weight.
  if (divided.every(({ weight }) => Number.isInteger(weight * 1_000))) yield { ...trial, users: divided };
  for (const [i, user] of trial.users.entries()) {
    for (const weight of [1, 2, Math.round(user.weight)]) {
      if (weight >= 1 && weight !== user.weight) {
        yield { ...trial, users: trial.users.with(i, { ...user, weight }) };
      }
    }
  }
}

/**
 * All of one kind in another unit: divided by what divides it, or multiplied until all is whole, which gives the same shares.
 * Or in thousands, or halved, near enough.
 */
function* rescaled(trial: Trial, kind: number): Generator<Trial> {
  const all = everyAmount(trial, kind);
  const factor = [10, 5, 4, 3, 2].find((one) => all.every((amount) => amount % (one * unit) === 0));
  if (factor !== undefined) yield mapKind(trial, kind, (amount) => amount / factor);
  for (const more of [2, 10]) if (all.some(isPart)) yield mapKind(trial, kind, (amount) => amount * more);
  for (const less of [1_024, 2]) yield mapKind(trial, kind, (amount) => Math.ceil(amount / less / unit) * unit);
}

function isPart(amount: number): boolean {
  return amount % unit !== 0;
}

function everyAmount({ agents, users, lie, growth, quotas }: Trial, kind: number): readonly number[] {
  const lists = [...agents.map(({ amounts }) => amounts), ...users.map(({ demand }) => demand)];
  const more = [lie?.demand ?? [], growth ?? [], ...quotas.flatMap(({ guarantees, limits }) => [guarantees, limits])];
  return [...lists, ...more].map((list) => list[kind] ?? 0);
}

function mapKind(trial: Trial, kind: number, change: (amount: number) => number): Trial {
  const at = (list: readonly number[]): readonly number[] => list.with(kind, change(list[kind] ?? 0));
  const atSome = (list: readonly (number | null)[]): readonly (number | null)[] => {
    const amount = list[kind] ?? null;
    return amount === null ? list : list.with(kind, change(amount));
  };
  return {
    ...trial,
    agents: trial.agents.map((agent) => ({ ...agent, amounts: at(agent.amounts) })),
    users: trial.users.map((user) => ({ ...user, demand: at(user.demand) })),
    quotas: trial.quotas.map((quota) => ({
      ...quota,
      guarantees: atSome(quota.guarantees),
      limits: atSome(quota.limits),
    })),
    lie: trial.lie && { ...trial.lie, demand: at(trial.lie.demand) },
    growth: trial.growth && at(trial.growth),
  };
}

/** All that a task takes divided by what divides it, or halved, near enough; of a lie about it too. */
function* smallerTasks(trial: Trial, index: number): Generator<Trial> {
  const { users, lie } = trial;
  const user = users[index];
  if (user === undefined) return;
  const factor = [10, 5, 4, 3, 2].find((one) => user.demand.every((amount) => amount % (one * unit) === 0));
  for (const less of factor === undefined || factor === 2 ? [2] : [factor, 2]) {
    const divided = (demand: readonly number[]): readonly number[] =>
      demand.map((amount) => Math.ceil(amount / less / unit) * unit);
    yield {
      ...trial,
      users: users.with(index, { ...user, demand: divided(user.demand) }),
      lie: lie !== null && lie.user === index ? { ...lie, demand: divided(lie.demand) } : lie,
    };
  }
}

function* smallerNumbers(trial: Trial): Generator<Trial> {
  for (const [i, agent] of trial.agents.entries()) {
    // What there is nothing of goes as a kind.
    for (const amounts of smallerLists(agent.amounts)) {
      if (amounts.every((amount) => amount > 0))
        yield { ...trial, agents: trial.agents.with(i, { ...agent, amounts }) };
    }
  }
  for (const [i, user] of trial.users.entries()) {
    for (const demand of smallerLists(user.demand)) {
      if (demand.some((amount) => amount > 0)) yield { ...trial, users: trial.users.with(i, { ...user, demand }) };
    }
  }
  const { lie, growth } = trial;
  if (lie !== null) {
    for (const demand of smallerLists(lie.demand)) {
      if (demand.some((amount) => amount > 0)) yield { ...trial, lie: { ...lie, demand } };
    }
  }
  if (growth !== null) for (const less of smallerLists(growth)) yield { ...trial, growth: less };
  yield* smallerQuotas(trial);
  yield* smallerChoices(trial);
}

function* smallerQuotas(trial: Trial): Generator<Trial> {
  for (const [i, quota] of trial.quotas.entries()) {
    for (const guarantees of smallerLists(quota.guarantees)) yield* withQuota(trial, i, { ...quota, guarantees });
    for (const limits of smallerLists(quota.limits)) yield* withQuota(trial, i, { ...quota, limits });
  }
}

function* smallerChoices(trial: Trial): Generator<Trial> {
  for (const [i, move] of trial.moves.entries()) {
    for (const [j, choice] of move.choices.entries()) {
      for (const less of [0, 1, choice - 1]) {
        if (less < choice && less >= 0) {
          yield { ...trial, moves: trial.moves.with(i, { ...move, choices: move.choices.with(j, less) }) };
        }
      }
    }
  }
}

/** With one number smaller: nothing, one, half, a step less, and without what is behind the point. */
function* smallerLists<T extends number | null>(list: readonly T[]): Generator<readonly (T | number)[]> {
  for (const [i, amount] of list.entries()) {
    if (amount === null) continue;
    const whole = Math.floor(amount / unit) * unit;
    for (const less of new Set([0, unit, Math.floor(amount / 2 / unit) * unit, whole, amount - stepOf(amount)])) {
      if (less < amount && less >= 0) yield list.with(i, less as T);
    }
  }
}

/** One, or of what is counted in millions a small part: one by one that would take for ever. */
function stepOf(amount: number): number {
  return unit * 2 ** Math.max(0, Math.floor(Math.log2(amount / unit / 32)));
}

function amountsOf({ guarantees, limits }: TrialQuota): readonly number[] {
  return [...guarantees, ...limits].map((amount) => amount ?? 0);
}
