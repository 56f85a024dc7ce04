import { ProtocolError } from './errors.ts';

const JSON_TYPE = 'application/json';

function mediaType(header: string): string {
  const [type = ''] = header.split(';', 1);
  return type.trim().toLowerCase();
}

/**
 * Checks what a body is sent as. Not to say it is the same as sending something else, as in Smithy's
 * protocol tests: the pages of a browser can send that anywhere without asking, and JSON they can't.
 *
 * @throws ProtocolError UnsupportedMediaTypeException when a body is sent as anything but JSON.
 */
export function checkContentType(contentType: string | undefined, bodyBytes: number): void {
  if (bodyBytes === 0 || mediaType(contentType ?? '') === JSON_TYPE) return;
  throw new ProtocolError(
    'UnsupportedMediaTypeException',
    `The request body must be sent as Content-Type: ${JSON_TYPE}.`,
  );
}

const acceptable = new Set([JSON_TYPE, 'application/*', '*/*', '']);

/** @throws ProtocolError NotAcceptableException when the client can't take JSON. */
export function checkAccept(accept: string | undefined): void {
  if (accept === undefined || accept.split(',').some((range) => acceptable.has(mediaType(range))))
    return;
  throw new ProtocolError('NotAcceptableException', `The answer is ${JSON_TYPE}.`);
}
