import { expect } from 'vitest';

/** What the SDK throws for a 400 of the API, for `rejects.toMatchObject`. */
export function badRequest(message: string) {
  return { name: 'BadRequestException', message, $metadata: { httpStatusCode: 400 } };
}

/** The same for one violated constraint, named as in `Value '0' at 'maxResults'`. */
export function violation(subject: string, constraint: string) {
  return badRequest(
    `1 validation error detected: ${subject} failed to satisfy constraint: Member must ${constraint}`,
  );
}

function notFound(message: string) {
  return { name: 'ResourceNotFoundException', message, $metadata: { httpStatusCode: 404 } };
}

export function domainNotFound(domainName: string) {
  return notFound(`Domain ${domainName} does not exist`);
}

/** The same text whether the profile is absent, deleted, expired or another domain's. */
export const profileNotFound = notFound('The profile does not exist');

/** Every one of the requests, which run at the same time, must fail in the same way. */
export async function expectAllRejected(
  requests: readonly Promise<unknown>[],
  reason: object,
): Promise<void> {
  for (const outcome of await Promise.allSettled(requests))
    expect(outcome).toMatchObject({ status: 'rejected', reason });
}

/** The same text whether the type was never defined, deleted, or another domain's. */
export function objectTypeNotFound(objectTypeName: string) {
  return notFound(`Object type ${objectTypeName} does not exist`);
}

export function templateNotFound(templateId: string) {
  return notFound(`Template ${templateId} does not exist`);
}
