import { ProtocolError } from './errors.ts';

const JSON_TYPE = 'application/json';

function mediaType(header: string): string {
  const [type = ''] = header.split(';', 1);
  return type.trim().toLowerCase();
}

/** @throws ProtocolError UnsupportedMediaTypeException when a body is sent as anything but JSON. */
export function checkContentType(contentType: string | undefined, bodyBytes: number): void {
  if (contentType === undefined || bodyBytes === 0 || mediaType(contentType) === JSON_TYPE) return;
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
