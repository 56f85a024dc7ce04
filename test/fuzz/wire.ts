import { connect } from 'node:net';
import type { Service } from '../../src/index.ts';

/** An answer, read by the rules of RFC 9112 and no laxer. */
export interface WireAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sent in parts after bytes that may leave the server waiting for more of a request. */
const FILLER = Buffer.alloc(16 * 1024, 'x');
/** More than any body or head that the server reads: whatever it waits for ends within. */
const FILLER_BYTES_MAX = 6 * 1024 * 1024;

const statusLine = /^HTTP\/1\.1 ([1-5][0-9]{2}) [\t -~]*$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\t -~]*)$/;

/** @throws Error when the bytes aren't answers and nothing else. */
export function parseAnswers(bytes: Buffer, method = 'GET'): WireAnswer[] {
  const answers: WireAnswer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) throw new Error(`no end of a head: ${rest.toString('latin1')}`);
    const [first = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(statusLine.exec(first)?.[1]);
    if (Number.isNaN(status)) throw new Error(`not a status line: ${first}`);
    const headers = new Map<string, string>();
    for (const line of lines) {
      const [, name, value] = headerLine.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`not a header: ${line}`);
      if (headers.has(name.toLowerCase())) throw new Error(`a header twice: ${line}`);
      headers.set(name.toLowerCase(), value);
    }
    rest = rest.subarray(end + 4);
    if (status < 200) continue;
    const length = headers.get('content-length') ?? (method === 'HEAD' ? '0' : '');
    if (!/^[0-9]+$/.test(length)) throw new Error(`Content-Length '${length}' of a ${status}`);
    // Of what isn't read as a request nobody knows that it says HEAD: its refusal may have a body.
    const size = method === 'HEAD' && rest.length === 0 ? 0 : Number(length);
    if (size > rest.length) throw new Error(`${rest.length} bytes of a body of ${size}`);
    const body = new TextDecoder('utf-8', { fatal: true }).decode(rest.subarray(0, size));
    answers.push({ status, headers, body });
    rest = rest.subarray(size);
  }
  return answers;
}

/**
 * Sends bytes over a connection of their own and gives what comes back until the server closes it.
 * They must make it do so; if they may not, `fills` sends what ends any request.
 */
export function exchange(
  { url }: Pick<Service, 'url'>,
  bytes: Buffer,
  { fills = false } = {},
): Promise<Buffer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const received: Buffer[] = [];
    let filled = 0;
    const fill = () => {
      if (!socket.writable) return;
      filled += FILLER.length;
      // Not in one go: the server may have refused meanwhile.
      if (filled <= FILLER_BYTES_MAX) socket.write(FILLER, () => setImmediate(fill));
      else socket.end();
    };
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(received)));
    // The server closes as soon as it has refused; what was still on its way is then reset.
    socket.on('error', () => socket.destroy());
    socket.write(bytes, () => fills && fill());
  });
}
