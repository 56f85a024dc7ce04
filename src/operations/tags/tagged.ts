import { parseArn } from '../../model/arns.ts';
import { badRequest, ServiceError } from '../../model/errors.ts';
import type { Context } from '../../model/operation.ts';
import type { Session } from '../../repository/session.ts';
import { findTagged, type TaggedResource, type Tags, tagsIn } from '../resource-tags.ts';

/**
 * The resource that an ARN names.
 *
 * @throws ServiceError BadRequestException when the ARN is malformed or another account's,
 *   ResourceNotFoundException when it names nothing here.
 */
export async function requireTagged(
  session: Session,
  { accountId, region }: Context['caller'],
  arn: string,
): Promise<TaggedResource> {
  const named = parseArn(arn);
  if (named?.accountId !== accountId)
    throw badRequest('resourceArn is not the ARN of a resource of this account');
  const found = named.region === region ? await findTagged(session, named) : undefined;
  if (found === undefined)
    throw new ServiceError('ResourceNotFoundException', 'The resource does not exist');
  return found;
}

/**
 * Gives a resource other tags, in one unit of work: nobody else's change of it is lost. No tags are
 * no map, since the model's has at least one entry.
 *
 * @throws ServiceError as {@link requireTagged}, and whatever `change` throws.
 */
export async function changeTags(
  { repository, caller }: Context,
  arn: string,
  change: (tags: Tags) => Tags,
): Promise<void> {
  await repository.write(async (session) => {
    const resource = await requireTagged(session, caller, arn);
    const changed = change(tagsIn(resource));
    const Tags = Object.keys(changed).length > 0 ? changed : undefined;
    const document = JSON.stringify({ ...JSON.parse(resource.document), Tags });
    if (document !== resource.document) await resource.replace(session, document);
  });
}
