import { connect, type Socket } from 'node:net';

/** An answer of a server; its body is read as Latin-1, which keeps ASCII as it is. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

const HEAD_END = '\r\n\r\n';

/** The body of chunks that came so far; undefined until the last one is there. */
function readChunks(bytes: Buffer, from: number): string | undefined {
  let body = '';
  for (let start = from; ; ) {
    const end = bytes.indexOf('\r\n', start, 'latin1');
    if (end < 0) return undefined;
    const length = Number.parseInt(bytes.toString('latin1', start, end), 16);
    const next = end + 2 + length + 2;
    if (next > bytes.length) return undefined;
    if (length === 0) return body;
    body += bytes.toString('latin1', end + 2, end + 2 + length);
    start = next;
  }
}

/** The answer at the beginning of what was received; undefined while it isn't complete. */
export function readAnswer(bytes: Buffer): Answer | undefined {
  const headEnd = bytes.indexOf(HEAD_END, 0, 'latin1');
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase();
  const status = Number(head.slice(9, 12));
  const bodyStart = headEnd + HEAD_END.length;
  const at = head.indexOf('\r\ncontent-length:');
  if (at >= 0) {
    const bodyEnd = bodyStart + Number.parseInt(head.slice(at + 17), 10);
    if (bytes.length < bodyEnd) return undefined;
    return { status, body: bytes.toString('latin1', bodyStart, bodyEnd) };
  }
  if (!head.includes('\r\ntransfer-encoding: chunked'))
    throw new Error(`an answer without a length: ${head}`);
  const body = readChunks(bytes, bodyStart);
  return body === undefined ? undefined : { status, body };
}

/**
 * A keep-alive connection to a server that sends one request at a time. It does what a load
 * generator needs and no more: parsing answers by hand costs a fraction of what a client library
 * does, and that is what the server then has.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer | undefined;
  #answered: ((answer: Answer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  /** Sends a request, when the one before has been answered. */
  send(request: string, answered: (answer: Answer) => void, failed: (error: Error) => void): void {
    this.#answered = answered;
    this.#failed = failed;
    this.#socket.write(request, 'latin1');
  }

  /** The same for those who wait. */
  request(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => this.send(request, resolve, reject));
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const received = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    let answer: Answer | undefined;
    try {
      answer = readAnswer(received);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    this.#received = answer === undefined ? received : undefined;
    if (answer === undefined) return;
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(answer);
  }

  #fail(error: Error): void {
    const failed = this.#failed;
    this.#failed = undefined;
    failed?.(error);
  }
}
