import type { IncomingMessage } from 'node:http';
import { overloaded } from '../model/errors.ts';
import { ProtocolError } from './errors.ts';

/**
 * How much memory the bodies of all requests may take that are being read or worked on. A single one
 * is bounded by its operation; this bounds how many large ones there are.
 */
export const BODIES_BYTES_MAX = 256 * 1024 * 1024;

function tooLarge(bytesMax: number): ProtocolError {
  return new ProtocolError(
    'RequestEntityTooLargeException',
    `The request body is larger than ${bytesMax} bytes.`,
  );
}

/** The client went away before its request was complete; there is nobody to answer. */
export class RequestAbortedError extends Error {
  override readonly name = 'RequestAbortedError';
}

/** Reads the bodies of requests into a bounded part of the memory. */
export class BodyReader {
  readonly #bytesMax: number;
  #bytes = 0;

  /** @param bytesMax of all bodies together. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * Reads a request's body. Whoever is given it says by {@link release} when it is done with.
   *
   * @throws ProtocolError RequestEntityTooLargeException past `bytesMax`.
   * @throws ServiceError ServiceUnavailableException when all bodies together take too much.
   * @throws RequestAbortedError when the client goes away.
   */
  read(incoming: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
    if (Number(incoming.headers['content-length'] ?? 0) > bytesMax)
      return Promise.reject(tooLarge(bytesMax));
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      let isOpen = true;
      const fail = (error: Error) => {
        if (!isOpen) return;
        isOpen = false;
        this.#bytes -= length;
        incoming.pause();
        reject(error);
      };
      incoming.on('data', (chunk: Buffer) => {
        if (!isOpen) return;
        length += chunk.length;
        this.#bytes += chunk.length;
        chunks.push(chunk);
        if (length > bytesMax) fail(tooLarge(bytesMax));
        else if (this.#bytes > this.#bytesMax) fail(overloaded());
      });
      incoming.on('end', () => {
        if (!isOpen) return;
        isOpen = false;
        const [first] = chunks;
        resolve(chunks.length === 1 && first ? first : Buffer.concat(chunks, length));
      });
      // Every request ends with 'close': an error is made only for those that it cuts short.
      const abort = () => {
        if (isOpen) fail(new RequestAbortedError('the client went away'));
      };
      incoming.on('error', abort);
      incoming.on('close', abort);
      // It went before anybody listened, while something else was waited for.
      if (incoming.destroyed) abort();
    });
  }

  /** The same for a request that didn't come over a socket, as in `app.request()`. */
  async readRequest(request: Request, bytesMax: number): Promise<Uint8Array> {
    const body = new Uint8Array(await request.arrayBuffer());
    if (body.byteLength > bytesMax) throw tooLarge(bytesMax);
    if (this.#bytes + body.byteLength > this.#bytesMax) throw overloaded();
    this.#bytes += body.byteLength;
    return body;
  }

  release(body: Uint8Array): void {
    this.#bytes -= body.byteLength;
  }
}
