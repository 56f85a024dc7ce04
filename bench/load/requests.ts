/** A request as it goes over the wire, and what its answer must be. */
export interface PlannedRequest {
  readonly text: string;
  /** What the answer's body must have in it. */
  readonly includes: string;
}

/** A body of JSON in ASCII, as all of them are here: its length is its bytes. */
export function requestOf(
  method: string,
  path: string,
  body: string,
  headers = 'Content-Type: application/json\r\n',
): string {
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** The headers of Amazon's older JSON protocols. The peers look at their form and not at the signature. */
export function amazonHeaders(target: string): string {
  // DynamoDB speaks 1.0, Cognito 1.1 of the protocol.
  const version = target.startsWith('DynamoDB') ? '1.0' : '1.1';
  const scope = 'any/20260102/us-east-1/any/aws4_request';
  return [
    `Content-Type: application/x-amz-json-${version}`,
    `X-Amz-Target: ${target}`,
    'X-Amz-Date: 20260102T030405Z',
    `Authorization: AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=any`,
    '',
  ].join('\r\n');
}
