import { dominantShare, format, roles, stats, type ClusterState, type Master, type Offer } from 'proffer';
import { quantitiesAdd, quantitiesFromScalarResources } from 'proffer/resources';

/** The dominant share of each role, divided by its weight: what the allocation looks at. */
export type Shares = ReadonlyMap<string, number>;

/** An offer as it was made. */
export interface OfferMade {
  readonly role: string;
  readonly agent: string;
  readonly resources: string;
  /** How the roles stood before it. */
  readonly shares: Shares;
}

/** How the roles stood from some time on, ms since the beginning. */
export interface Sample {
  readonly at: number;
  readonly shares: Shares;
}

/** What happened in a cluster, for those who read about it afterwards. */
export interface History {
  readonly offers: readonly OfferMade[];
  /** In order of time, one a change. */
  readonly samples: readonly Sample[];
}

/** Writes down what happens in a cluster from now on. */
export function recordHistory(master: Master): History {
  const offers: OfferMade[] = [];
  const samples: Sample[] = [];
  const begin = stats(master.state).now;
  master.on('transition', ({ before, state, outputs }) => {
    const made = outputs.flatMap((output) => (output.type === 'offers' ? output.offers : []));
    if (made.length > 0) offers.push(...inOrder(made, before));
    const sample = { at: state.now - begin, shares: sharesOf(state) };
    // A share that stood for less than a millisecond stood for no time.
    if (samples.at(-1)?.at === sample.at) samples.pop();
    if (!same(samples.at(-1)?.shares, sample.shares)) samples.push(sample);
  });
  return { offers, samples };
}

function sharesOf(state: ClusterState): Shares {
  return new Map(roles(state).map(({ role, dominantShare: share }) => [role, share]));
}

/**
 * The offers of one allocation in the order in which they were made, which their numbers tell, and how the roles stood
 * before each of them.
 */
function inOrder(made: readonly Offer[], before: ClusterState): readonly OfferMade[] {
  const { total } = stats(before);
  const standing = new Map(roles(before).map((role) => [role.role, role]));
  const shares = new Map(sharesOf(before));
  const byNumber = [...made].sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  return byNumber.map(({ role, agent, resources }) => {
    const offer = { role, agent, resources: format(resources), shares: new Map(shares) };
    const held = standing.get(role);
    if (held !== undefined) {
      const offeredOrAllocated = quantitiesAdd(held.offeredOrAllocated, quantitiesFromScalarResources(resources));
      standing.set(role, { ...held, offeredOrAllocated });
      shares.set(role, dominantShare(offeredOrAllocated, total, { weight: held.weight }));
    }
    return offer;
  });
}

function same(one: Shares | undefined, other: Shares): boolean {
  return one?.size === other.size && [...other].every(([role, share]) => one.get(role) === share);
}
