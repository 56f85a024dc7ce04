import { operation } from '../../model/operation.ts';
import { optional, structure } from '../../model/shapes.ts';
import { tagsIn } from '../resource-tags.ts';
import { TagMap } from '../shapes.ts';
import { resourceArn } from './shapes.ts';
import { requireTagged } from './tagged.ts';

/** The tags of a domain, an object type or an integration: an empty map when it has none. */
export const listTagsForResource = operation({
  name: 'ListTagsForResource',
  method: 'GET',
  path: '/tags/{resourceArn}',
  input: structure({ resourceArn }),
  output: structure({ tags: optional(TagMap) }),
  async handler({ repository, caller }, { resourceArn }) {
    return { tags: tagsIn(await requireTagged(repository.autocommit, caller, resourceArn)) };
  },
});
