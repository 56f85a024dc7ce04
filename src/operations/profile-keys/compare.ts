import { type ContentType, isStandardKey, normalKeyValue } from '../../identity/normal-forms.ts';
import type { DomainName } from '../../repository/domains.ts';
import { findKeyTypes } from '../../repository/key-types.ts';
import type { Session } from '../../repository/session.ts';

/** The form in which values of keys are compared. */
export type NormalForm = (keyName: string, value: string) => string;

/**
 * How values of these keys compare in a domain: those of standard keys by their content, others as the
 * field of the object type that defines the key, or else exactly.
 */
export async function normalFormOf(
  session: Session,
  domain: DomainName,
  keyNames: readonly string[],
): Promise<NormalForm> {
  const own = [...new Set(keyNames.filter((keyName) => !isStandardKey(keyName)))];
  const types = await findKeyTypes(session, domain, own);
  return (keyName, value) =>
    // What is stored there came through the shape of a field's ContentType.
    normalKeyValue(keyName, value, types.get(keyName) as ContentType | undefined);
}
