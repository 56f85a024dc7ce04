import { ObjectRefusedError } from '../../identity/object-keys.ts';
import { ServiceError } from '../../model/errors.ts';
import type { Context } from '../../model/operation.ts';
import { changeDeadLetterReason, takeDeadLetter } from '../../repository/dead-letters.ts';
import type { DomainName } from '../../repository/domains.ts';
import { lockObjectTypes } from '../../repository/object-types.ts';
import { ingest } from './ingest.ts';

/** What became of a dead letter: its object is stored, it stays, or it wasn't there any more. */
export type Replay =
  | { readonly outcome: 'stored'; readonly objectKey: string }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'gone' };

/** Why an object is refused again; undefined for errors that say nothing about it. */
function refusal(error: unknown): string | undefined {
  if (error instanceof ObjectRefusedError) return error.message;
  if (!(error instanceof ServiceError)) return undefined;
  // Its type isn't there any more, or is being deleted.
  const isAnswer = ['BadRequestException', 'ResourceNotFoundException'].includes(error.code);
  return isAnswer ? error.message : undefined;
}

/**
 * Puts the object of a dead letter again. The letter goes in the unit of work that stores the object: no
 * crash and no second replay loses it or stores it twice. One that is refused again stays, with the new
 * reason.
 *
 * The history names whoever sent the object, not the operator who has it delivered: what it says is
 * theirs, and they were allowed to say it.
 */
export async function replayDeadLetter(
  context: Context,
  domain: DomainName,
  letterId: string,
): Promise<Replay> {
  const { repository, caller } = context;
  try {
    return await repository.write(async (session): Promise<Replay> => {
      // The domain before the letter, as when the domain is deleted.
      const domainId = await lockObjectTypes(session, domain);
      const letter =
        domainId === undefined ? undefined : await takeDeadLetter(session, { domainId, letterId });
      if (letter === undefined) return { outcome: 'gone' };
      const { objectTypeName, document, performedBy, createdAt } = letter;
      const asSender = { ...context, caller: { ...caller, arn: performedBy } };
      const stored = ingest(session, asSender, domain, objectTypeName, document, createdAt);
      return { outcome: 'stored', objectKey: await stored };
    });
  } catch (error) {
    const reason = refusal(error);
    if (reason === undefined) throw error;
    await repository.write((session) => changeDeadLetterReason(session, domain, letterId, reason));
    return { outcome: 'refused', reason };
  }
}
