/** Plans of maintenance, and answers to inverse offers, that mean something in the state at hand. */
import {
  maintenance,
  type ClusterState,
  type Control,
  type InverseOffersCall,
  type MachineLike,
  type MaintenanceWindowLike,
} from '../../src/cluster/index.js';
import type { Choices } from './choices.js';

export const addresses = ['10.0.0.1', '10.0.0.2'] as const;

/** Another schedule, mostly one that may be set. */
export function planOf(state: ClusterState, at: number, choose: Choices): Control {
  const { windows, down } = maintenance(state);
  if (choose.rarely(4)) return { type: 'set-maintenance', at, windows: choose.of([], windows.slice(1), windows) };
  const kept = choose.rarely(3) ? [] : down;
  const hosts = state.allocator.agents.values().map(({ hostname }) => ({ hostname }));
  const chosen = [
    ...(choose.rarely(2) ? hosts : []),
    ...Array.from({ length: 1 + choose.upTo(2) }, () => machineFor(state, choose)),
  ];
  const machines = choose.rarely(8) ? [...kept, ...chosen] : distinct([...kept, ...chosen]);
  const start = choose.rarely(15) ? -1 : at + choose.of(0, 5_000, 60_000, 3_600_000);
  const unavailability = { start, ...choose.of({}, {}, { durationMs: 60_000 }) };
  const [first, ...others] = choose.rarely(12) ? [] : machines;
  const split: MaintenanceWindowLike[] = [
    { machines: first === undefined ? [] : [first], unavailability },
    { machines: others, unavailability: choose.of(unavailability, { start: at + 10_000 }) },
  ];
  return {
    type: 'set-maintenance',
    at,
    windows: first === undefined || (choose.rarely(3) && others.length > 0) ? split : [{ machines, unavailability }],
  };
}

/** Machines that go down or come up, mostly ones that may. */
export function moveOf(state: ClusterState, type: 'machine-down' | 'machine-up', at: number, choose: Choices): Control {
  const { draining, down } = maintenance(state);
  const [may, mayNot] = type === 'machine-down' ? [draining, down] : [down, draining];
  const one = choose.rarely(8) ? machineFor(state, choose) : choose.from(choose.rarely(3) ? mayNot : may, {});
  return { type, at, machines: choose.rarely(5) ? may.map(nameOf) : [nameOf(one)] };
}

function nameOf({ hostname, ip }: MachineLike): MachineLike {
  return { ...(hostname === undefined ? {} : { hostname }), ...(ip === undefined ? {} : { ip }) };
}

function machineFor(state: ClusterState, choose: Choices): MachineLike {
  const hostname = choose.from(
    state.allocator.agents.values().map((agent) => agent.hostname),
    'a1',
  );
  const ip = choose.of(...addresses);
  return choose.of<MachineLike>(
    { hostname },
    { hostname },
    { hostname: hostname.toUpperCase() },
    { hostname: 'host' },
    { ip },
    { hostname, ip },
    choose.rarely(5) ? {} : { hostname: '__proto__' },
  );
}

/** No machine twice, by any of its names. */
function distinct(machines: readonly MachineLike[]): readonly MachineLike[] {
  const seen = new Set<string>();
  return machines.filter(({ hostname, ip }) => {
    const names = [hostname?.toLowerCase(), ip].filter((name) => name !== undefined);
    if (names.some((name) => seen.has(name))) return false;
    for (const name of names) seen.add(name);
    return true;
  });
}

/** An answer to inverse offers of a framework that was asked, to others', or to none; or of `anybody`. */
export function answerOf(
  state: ClusterState,
  anybody: { readonly framework: string; readonly connection: string },
  at: number,
  choose: Choices,
): InverseOffersCall {
  const standing = state.inverseOffers.values().map(({ offer }) => offer);
  const asked = choose.from(standing, undefined)?.framework ?? anybody.framework;
  const connection = state.frameworks.get(asked)?.connection ?? anybody.connection;
  const who = choose.rarely(6) ? anybody : { framework: asked, connection };
  const own = standing.filter(({ framework }) => framework === who.framework).map(({ id }) => id);
  const strange = choose.from([...standing.map(({ id }) => id), ...state.offers.keys(), '__proto__'], 'nobody');
  const refuseSeconds = choose.of<number | undefined>(undefined, 0, 1, 2, 0.5, 60, -1);
  return {
    type: choose.of('accept-inverse-offers', 'decline-inverse-offers'),
    at,
    ...who,
    offers: choose.rarely(5) ? [strange, ...own] : own.slice(0, 1 + choose.upTo(1)),
    ...(refuseSeconds === undefined ? {} : { refuseSeconds }),
  };
}
