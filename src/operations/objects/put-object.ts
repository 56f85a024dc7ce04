import { ObjectRefusedError } from '../../identity/object-keys.ts';
import { badRequest } from '../../model/errors.ts';
import type { Context } from '../../model/operation.ts';
import { insertDeadLetter } from '../../repository/dead-letters.ts';
import { type DomainName, findDomain } from '../../repository/domains.ts';
import { MissingParentError } from '../../repository/errors.ts';
import type { Place } from '../../repository/repository.ts';
import { ingest } from './ingest.ts';

/** Keeps a refused object where an operator finds it: nobody may lose one without a trace. */
async function keepDeadLetter(
  { repository, ids, caller, now }: Context,
  domain: DomainName,
  objectTypeName: string,
  document: string,
  reason: string,
  place?: Place,
): Promise<void> {
  await repository
    .write(async (session) => {
      const found = await findDomain(session, domain);
      if (found === undefined) return;
      await insertDeadLetter(session, {
        domainId: found.domainId,
        letterId: ids.recordId(now),
        objectTypeName,
        document,
        reason,
        performedBy: caller.arn,
        createdAt: now,
      });
    }, place)
    .catch((error) => {
      // The domain went away, and everything in it.
      if (!(error instanceof MissingParentError)) throw error;
    });
}

/**
 * Stores an object, in a unit of work of its own. One that its type or its keys don't let in is kept
 * as a dead letter, and refused.
 *
 * @param place of the unit among those that wait, when it is one of several.
 * @returns the ProfileObjectUniqueKey.
 * @throws ServiceError BadRequestException or ResourceNotFoundException.
 */
export async function putObject(
  context: Context,
  domainName: string,
  objectTypeName: string,
  text: string,
  place?: Place,
): Promise<string> {
  const domain = { accountId: context.caller.accountId, domainName };
  try {
    return await context.repository.write(
      (session) => ingest(session, context, domain, objectTypeName, text),
      place,
    );
  } catch (error) {
    if (!(error instanceof ObjectRefusedError)) throw error;
    await keepDeadLetter(context, domain, objectTypeName, text, error.message, place);
    throw badRequest(error.message);
  }
}
