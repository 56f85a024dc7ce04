import type { IncomingMessage } from 'node:http';
import { ProtocolError } from './errors.ts';

/**
 * The largest body of any operation. The model's largest inputs are a layout of 2,000,000 characters
 * and a batch of ten objects of 256,000.
 */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;

function tooLarge(): ProtocolError {
  return new ProtocolError(
    'RequestEntityTooLargeException',
    `The request body is larger than ${BODY_BYTES_MAX} bytes.`,
  );
}

/** The client went away before its request was complete; there is nobody to answer. */
export class RequestAbortedError extends Error {
  override readonly name = 'RequestAbortedError';
}

/**
 * Reads a request's body, no further than {@link BODY_BYTES_MAX}.
 *
 * @throws ProtocolError RequestEntityTooLargeException.
 * @throws RequestAbortedError when the client goes away.
 */
export function readIncomingBody(incoming: IncomingMessage): Promise<Uint8Array> {
  if (Number(incoming.headers['content-length'] ?? 0) > BODY_BYTES_MAX)
    return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > BODY_BYTES_MAX) {
        incoming.pause();
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    incoming.on('end', () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first ? first : Buffer.concat(chunks, length));
    });
    const abort = () => reject(new RequestAbortedError('the client went away'));
    incoming.on('error', abort);
    incoming.on('close', abort);
  });
}

/** The same for a request that didn't come over a socket, as in `app.request()`. */
export async function readRequestBody(request: Request): Promise<Uint8Array> {
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.byteLength > BODY_BYTES_MAX) throw tooLarge();
  return body;
}
