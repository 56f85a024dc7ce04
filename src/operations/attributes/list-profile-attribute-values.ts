import { profileAttribute } from '../../identity/profile-attributes.ts';
import type { ProfileDocument } from '../../identity/profile-document.ts';
import { domainNotFound } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { integer, label, list, optional, status, structure } from '../../model/shapes.ts';
import { findDomain } from '../../repository/domains.ts';
import { newestProfiles } from '../../repository/newest-documents.ts';
import { inTurns } from '../in-turns.ts';
import { name, string1To255 } from '../shapes.ts';

/** The HTTP status of a success, which the model makes a member of this output. */
const SUCCESS = 200;

/**
 * Lists the distinct values that an attribute has in the newest profiles of a domain, that of the newest
 * profile first: a standard field such as `FirstName` or `Address.City`, or a custom attribute by its name,
 * with or without `Attributes.`.
 */
export const listProfileAttributeValues = operation({
  name: 'ListProfileAttributeValues',
  method: 'GET',
  path: '/domains/{DomainName}/profile-attributes/{AttributeName}/values',
  input: structure({ DomainName: label(name), AttributeName: label(string1To255) }),
  output: structure({
    DomainName: optional(name),
    AttributeName: optional(string1To255),
    Items: optional(list(structure({ Value: optional(string1To255) }))),
    StatusCode: status(optional(integer())),
  }),
  async handler({ repository, caller, now }, { DomainName, AttributeName }) {
    const domain = { accountId: caller.accountId, domainName: DomainName };
    const profiles = await repository.read(async (session) => {
      const row = await findDomain(session, domain);
      if (row === undefined) throw domainNotFound(DomainName);
      return newestProfiles(session, row.domainId, now);
    });
    const valueIn = profileAttribute(AttributeName);
    const values = new Set<string>();
    for await (const { document } of inTurns(profiles)) {
      const value = valueIn(JSON.parse(document) as ProfileDocument);
      if (value !== undefined) values.add(value);
    }
    const Items = Array.from(values, (Value) => ({ Value }));
    return { DomainName, AttributeName, Items, StatusCode: SUCCESS };
  },
});
