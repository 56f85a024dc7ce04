import { badRequest } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { type DomainRow, insertDomain } from '../../repository/domains.ts';
import { AlreadyExistsError } from '../../repository/errors.ts';
import { checkSettings, describeDomain, mergeSettings } from './settings.ts';
import { CreateDomainRequest, CreateDomainResponse } from './shapes.ts';

/** Creates a domain. A taken name is a BadRequestException, even with the same settings. */
export const createDomain = operation({
  name: 'CreateDomain',
  method: 'POST',
  path: '/domains/{DomainName}',
  input: CreateDomainRequest,
  output: CreateDomainResponse,
  async handler({ repository, caller, ids, now }, input) {
    checkSettings(input);
    const row: DomainRow = {
      domainId: ids.domainId(),
      accountId: caller.accountId,
      name: input.DomainName,
      defaultExpirationDays: input.DefaultExpirationDays,
      settings: JSON.stringify(mergeSettings({ Tags: input.Tags }, input)),
      createdAt: now,
      updatedAt: now,
    };
    try {
      await repository.write((session) => insertDomain(session, row));
    } catch (error) {
      if (error instanceof AlreadyExistsError)
        throw badRequest(`Domain ${input.DomainName} already exists`);
      throw error;
    }
    return describeDomain(row);
  },
});
