import { type AddressInfo, createServer } from 'node:net';

/**
 * Answers whatever comes, as soon as it comes, without reading it: against it the load generator shows
 * its own limit.
 */
const body = '{}';
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);
const server = createServer({ noDelay: true }, (socket) => {
  // Each client sends a request that fits a packet, and the next one after the answer.
  socket.on('data', () => socket.write(answer));
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => {
  // It listens on an address, not on a pipe.
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`serves http://127.0.0.1:${port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
