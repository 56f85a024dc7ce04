import type * as z from 'zod';
import { badRequest, ServiceError, type ServiceErrorCode } from '../../model/errors.ts';
import { type Context, operation } from '../../model/operation.ts';
import { integer, label, list, optional, structure } from '../../model/shapes.ts';
import type { Place } from '../../repository/repository.ts';
import { requireObjectType } from '../object-types/require-object-type.ts';
import { onRepository } from '../run.ts';
import { name, string1To255, stringifiedJson, text, typeName } from '../shapes.ts';
import { putObject } from './put-object.ts';

/** What an item can fail with, as the status of HTTP that a call of its own would answer. */
const codes: Readonly<Partial<Record<ServiceErrorCode, number>>> = {
  BadRequestException: 400,
  ResourceNotFoundException: 404,
  ServiceUnavailableException: 503,
};

const Item = structure({ Id: name, Object: stringifiedJson });
const ResponseItem = structure({ Id: name, ProfileObjectUniqueKey: string1To255 });
const ErrorItem = structure({
  Id: name,
  Code: integer({ min: 200, max: 599 }),
  Message: optional(text),
});

type Outcome = z.output<typeof ResponseItem> | z.output<typeof ErrorItem>;

async function putItem(
  context: Context,
  domainName: string,
  objectTypeName: string,
  { Id, Object: object }: z.output<typeof Item>,
  place: Place,
): Promise<Outcome> {
  try {
    const put = () => putObject(context, domainName, objectTypeName, object, place);
    return { Id, ProfileObjectUniqueKey: await onRepository(put) };
  } catch (error) {
    const Code = error instanceof ServiceError ? codes[error.code] : undefined;
    if (!(error instanceof ServiceError) || Code === undefined) throw error;
    return { Id, Code, Message: error.message };
  }
}

/** Adds up to ten objects of one type, each for itself: one that is refused doesn't stop the others. */
export const batchPutProfileObject = operation({
  name: 'BatchPutProfileObject',
  method: 'PUT',
  path: '/domains/{DomainName}/profiles/objects/batch-put-profile-object',
  input: structure({
    DomainName: label(name),
    ObjectTypeName: typeName,
    Items: list(Item, { min: 1, max: 10 }),
  }),
  output: structure({
    Successful: optional(list(ResponseItem)),
    Failed: optional(list(ErrorItem)),
  }),
  async handler(context, { DomainName: domainName, ObjectTypeName: objectTypeName, Items }) {
    if (new Set(Items.map(({ Id }) => Id)).size < Items.length)
      throw badRequest('Two Items have the same Id');
    const { repository, caller } = context;
    await requireObjectType(
      repository.autocommit,
      { accountId: caller.accountId, domainName },
      objectTypeName,
    );
    // Later items of one unique key are later versions of it.
    const outcomes = await repository.inOrder(
      Items.map((item) => (place) => putItem(context, domainName, objectTypeName, item, place)),
    );
    return {
      Successful: outcomes.filter((outcome) => 'ProfileObjectUniqueKey' in outcome),
      Failed: outcomes.filter((outcome) => 'Code' in outcome),
    };
  },
});
