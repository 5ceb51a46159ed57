import type { Offer, SchedulerEvent } from '../../cluster/outputs.js';
import {
  schedulerDriver,
  type DriverOptions,
  type Scheduler,
  type SchedulerDriver,
} from '../../framework-api/index.js';
import { attributes, resources } from '../../resources/index.js';
import type { SocketAddress } from './address.js';
import { SocketClient, type ReconnectOptions } from './socket-client.js';

/**
 * Subscribes a scheduler of this process with a master behind a `socketTransport`. When the connection is lost, it comes
 * back by itself and takes over what it had.
 *
 * @throws InputError `bad-address`; `wrong-type` as `schedulerDriver`
 * @example
 * const driver = connectFramework({ path: '/run/proffer/master.sock' }, scheduler, { info: { name: 'etl', roles: ['etl'] } });
 */
export function connectFramework(
  address: SocketAddress,
  scheduler: Scheduler,
  options: DriverOptions & { readonly reconnect?: ReconnectOptions },
): SchedulerDriver {
  let hear: (event: SchedulerEvent) => void = () => {};
  let opened: () => void = () => {};
  let closed: () => void = () => {};
  const { reconnect = {}, ...driver } = options;
  const client = new SocketClient(address, 'framework', reconnect, {
    opened: () => opened(),
    heard: (value) => hear(revived(value as SchedulerEvent)),
    closed: () => closed(),
  });
  const handle = schedulerDriver(scheduler, {
    ...driver,
    send: (call) => client.say(call),
    onEvent: (listen) => (hear = listen),
    onClosed: (listen) => (closed = listen),
    onOpen: (listen) => (opened = listen),
    close: () => void client.close(),
  });
  client.open();
  return handle;
}

/** What JSON made plain is what it was again. */
function revived(event: SchedulerEvent): SchedulerEvent {
  return event.type === 'offers' ? { ...event, offers: event.offers.map(revivedOffer) } : event;
}

function revivedOffer(offer: Offer): Offer {
  return { ...offer, resources: resources(offer.resources), attributes: attributes(offer.attributes) };
}
