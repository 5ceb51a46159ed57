/** Operations on resources that mostly make sense: a part of what is there becomes something else. */
import type { ResourceControl } from '../../src/cluster/index.js';
import {
  apply,
  problemIn,
  resources,
  type ResourceItem,
  type ResourceOperation,
  type Resources,
} from '../../src/resources/index.js';
import type { Choices } from './choices.js';

/** Something that can be done to one of these items for a role; `undefined` = there is nothing. */
export function operationOn(have: Resources, role: string, choose: Choices): ResourceOperation | undefined {
  const disks = have.items.filter(({ name }) => name === 'disk');
  const item = choose.from(disks.length > 0 && !choose.rarely(4) ? disks : have.items, undefined);
  if (item === undefined) return undefined;
  if (item.disk?.id !== undefined) return withVolume(item, have, choose);
  const part = partOf(item, choose);
  const reserved = item.reservations.at(-1);
  const reserve: ResourceOperation = {
    type: 'reserve',
    resources: { ...part, reservations: [...item.reservations, { type: 'dynamic', role }] },
  };
  if (reserved === undefined || (reserved.role !== role && choose.rarely(2))) return reserve;
  if (item.name === 'disk' && !choose.rarely(3)) {
    const volume = { ...part, disk: { id: choose.of('v1', 'v2', 'v3', '__proto__'), path: 'data' } };
    return { type: 'create', volumes: choose.rarely(2) ? { ...volume, shared: 1 } : volume };
  }
  if (choose.rarely(9)) {
    return { type: 'reserve', source: part, resources: { ...part, reservations: [{ type: 'dynamic', role: 'db' }] } };
  }
  return { type: 'unreserve', resources: part };
}

function withVolume(item: ResourceItem, have: Resources, choose: Choices): ResourceOperation {
  const destroy: ResourceOperation = {
    type: 'destroy',
    volumes: item.shared === undefined ? item : { ...item, shared: 1 },
  };
  if (item.shared !== undefined) return destroy;
  const { disk: _disk, ...under } = item;
  const beside = have.items.find((one) => one.name === 'disk' && one.disk === undefined);
  return choose.of<ResourceOperation>(
    destroy,
    { type: 'shrink-volume', volume: item, subtract: 0.5 },
    { type: 'grow-volume', volume: item, addition: beside === undefined ? { ...under, value: 1 } : beside },
  );
}

function partOf(item: ResourceItem, choose: Choices): ResourceItem {
  const { value } = item;
  if (value.type !== 'scalar' || value.milli < 2 || choose.rarely(3)) return item;
  return { ...item, value: { type: 'scalar', milli: Math.ceil(value.milli / choose.of(2, 3)) } };
}

/** Several operations, each on what the ones before it made. */
export function chainOn(
  have: Resources,
  role: string,
  choose: Choices,
): { readonly operations: readonly ResourceOperation[]; readonly left: Resources } {
  const operations: ResourceOperation[] = [];
  let left = have;
  for (let n = choose.upTo(3); n > 0; n -= 1) {
    const operation = operationOn(left, role, choose);
    if (operation === undefined) break;
    operations.push(operation);
    const changed: Resources[] = [];
    problemIn(() => changed.push(apply(left, operation)));
    left = changed[0] ?? left;
  }
  return { operations, left };
}

/** The same as the operator says it. */
export function controlOf(operation: ResourceOperation, agent: string, at: number): ResourceControl {
  switch (operation.type) {
    case 'create':
      return { type: 'create-volumes', at, agent, volumes: operation.volumes };
    case 'destroy':
      return { type: 'destroy-volumes', at, agent, volumes: operation.volumes };
    default:
      return { ...operation, at, agent };
  }
}

/** What a task may use of a volume: it, or one copy of it. */
export function volumeUse(left: Resources, choose: Choices): Resources | undefined {
  const volumes = left.items.filter(({ disk }) => disk?.id !== undefined);
  const item = choose.from(volumes, undefined);
  return item && resources(item.shared === undefined ? item : { ...item, shared: 1 });
}
