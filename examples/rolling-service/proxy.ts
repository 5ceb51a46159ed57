import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** Where a request can go. */
export interface Backend {
  readonly port: number;
}

/** A proxy that sends each request to the next of some backends, which may be others at any time. */
export interface Proxy {
  /** Where it listens. */
  readonly port: number;
  route(backends: readonly Backend[]): void;
  close(): Promise<void>;
}

/** Starts a proxy on a port of its own. */
export async function startProxy(): Promise<Proxy> {
  let backends: readonly Backend[] = [];
  let turn = 0;
  const next = (): Backend | undefined => backends[(turn = (turn + 1) % Math.max(1, backends.length))];
  const server: Server = createServer((incoming, outgoing) => forward(incoming, outgoing, next, 3));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    route: (now) => (backends = now),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Passes a request on. A backend that took no connection has seen nothing of it, so another one may. */
function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  next: () => Backend | undefined,
  tries: number,
): void {
  const backend = next();
  if (backend === undefined) return fail(outgoing);
  const { method = 'GET', url = '/' } = incoming;
  const onward = request({ host: '127.0.0.1', port: backend.port, method, path: url, agent: false }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502);
    answer.pipe(outgoing);
  });
  onward.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED' && tries > 1) forward(incoming, outgoing, next, tries - 1);
    else fail(outgoing);
  });
  onward.end();
}

function fail(outgoing: ServerResponse): void {
  outgoing.writeHead(503);
  outgoing.end();
}
