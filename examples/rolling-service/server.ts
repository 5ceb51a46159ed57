/** One instance of the service: answers with its version, and finishes what it was asked when it is told to end. */
import { createServer } from 'node:http';

const version = process.env['VERSION'] ?? '?';
const server = createServer((request, response) => {
  if (request.url === '/health') return void response.end('ok\n');
  // Some work, so that requests are under way whenever an instance is told to end.
  setTimeout(() => response.end(version), 20);
});

server.listen(Number(process.env['PORT0']), '127.0.0.1');

process.once('SIGTERM', () => {
  // Whoever sends requests here hears of the end at about the same time: for a moment they are still welcome.
  setTimeout(() => server.close(() => process.exit(0)), 200);
});
