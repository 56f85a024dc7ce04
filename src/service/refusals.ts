import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { encodeError, type ProtocolErrorCode } from '../protocol/errors.ts';

/** How many headers a request may have; their size is bounded by Node, to 16 KiB. */
export const HEADERS_MAX = 100;

/** The answer to what is no HTTP request at all, or none that could be routed. */
export interface Refusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function refusal(code: ProtocolErrorCode, message: string): Refusal {
  const { status, body } = encodeError(code, message);
  const headers = {
    'Content-Type': 'application/json',
    'x-amzn-errortype': code,
    'x-amzn-RequestId': crypto.randomUUID(),
    Connection: 'close',
    'Content-Length': String(Buffer.byteLength(body)),
  };
  return { status, headers, body };
}

/** For bytes that are no HTTP request. */
export const malformedRequest = () =>
  refusal('SerializationException', 'The HTTP request is malformed.');
/** For a head that is larger than {@link HEADERS_MAX} or Node allow. */
export const tooManyHeaders = () =>
  refusal(
    'RequestHeaderFieldsTooLargeException',
    `A request may have ${HEADERS_MAX} headers, of 16 KiB together.`,
  );

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** What is known of a connection when something on it can't be read. */
interface Connection {
  /** The answers to its requests that have not been sent yet, in their order. */
  readonly unanswered: Set<ServerResponse>;
  last: ServerResponse | undefined;
  isRefused: boolean;
}

/** Whether an answer written now would be the next that the client waits for. */
function mayAnswer(socket: Duplex, last: ServerResponse | undefined): boolean {
  if (!socket.writable) return false;
  // A request that was answered before it was complete has had its answer.
  return last === undefined || last.req.complete || !last.headersSent;
}

function refuseBytes(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  last: ServerResponse | undefined,
): void {
  if (error.code === 'ECONNRESET' || !mayAnswer(socket, last)) {
    socket.destroy();
    return;
  }
  let answer = malformedRequest();
  if (error.code === 'HPE_HEADER_OVERFLOW') answer = tooManyHeaders();
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    answer = refusal('RequestTimeoutException', 'The request did not come in time.');
  const { status, headers, body } = answer;
  const lines = [
    `HTTP/1.1 ${status} ${reasons[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Date: ${new Date().toUTCString()}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/**
 * Answers bytes that Node can't read as a request or that don't come in time, once the requests
 * before them on their connection are answered: a client takes the first answer for that to its first
 * request, and that one may well have been stored.
 */
export function refuseUnreadableBytes(server: Server): void {
  const connections = new WeakMap<Duplex, Connection>();
  const connectionOf = (socket: Duplex): Connection => {
    const known = connections.get(socket);
    if (known !== undefined) return known;
    const connection = { unanswered: new Set<ServerResponse>(), last: undefined, isRefused: false };
    connections.set(socket, connection);
    return connection;
  };
  server.on('request', ({ socket }, outgoing) => {
    const connection = connectionOf(socket);
    connection.last = outgoing;
    connection.unanswered.add(outgoing);
    outgoing.once('close', () => connection.unanswered.delete(outgoing));
  });
  server.on('clientError', async (error, socket) => {
    const connection = connectionOf(socket);
    // Whatever follows on the connection can't be read either.
    if (connection.isRefused) return;
    connection.isRefused = true;
    // One that isn't complete is what can't be read.
    for (const outgoing of connection.unanswered)
      if (outgoing.req.complete) await new Promise((resolve) => outgoing.once('close', resolve));
    refuseBytes(error, socket, connection.last);
  });
}
