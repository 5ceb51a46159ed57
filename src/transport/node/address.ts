import { InputError } from '../../resources/index.js';

/** Where a socket is: a path of this machine, or a port; `host` is `127.0.0.1` unless it says otherwise. */
export type SocketAddress = { readonly path: string } | { readonly port: number; readonly host?: string };

/** What `node:net` takes to listen or to connect there. */
export function endpointOf(address: SocketAddress): { path: string } | { port: number; host: string } {
  if ('path' in address) {
    if (typeof address.path === 'string' && address.path !== '') return { path: address.path };
    throw new InputError('bad-address', 'path', 'The path of a socket must be a text');
  }
  const { port, host = '127.0.0.1' } = address;
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return { port, host };
  throw new InputError('bad-address', 'port', 'The port of a socket must be a whole number up to 65,535');
}

/**
 * Reads an address that was written as text: `HOST:PORT` or `:PORT`, or else a path.
 *
 * @throws InputError `bad-address`
 */
export function parseAddress(text: string): SocketAddress {
  const match = /^([^/:]*):(\d+)$/.exec(text);
  const address =
    match === null ? { path: text } : { port: Number(match[2]), ...(match[1] !== '' && { host: match[1] ?? '' }) };
  endpointOf(address);
  return address;
}
