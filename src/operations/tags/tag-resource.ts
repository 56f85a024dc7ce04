import { badRequest } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { structure } from '../../model/shapes.ts';
import { TagMap } from '../shapes.ts';
import { resourceArn } from './shapes.ts';
import { changeTags } from './tagged.ts';

/** Amazon's guide, "Service quotas"; the map of the model holds as many. */
const TAGS_MAX = 50;

/** Adds tags to a domain, an object type or an integration; a key that is there gets the new value. */
export const tagResource = operation({
  name: 'TagResource',
  method: 'POST',
  path: '/tags/{resourceArn}',
  input: structure({ resourceArn, tags: TagMap }),
  output: structure({}),
  async handler(context, { resourceArn, tags }) {
    await changeTags(context, resourceArn, (before) => {
      const after = { ...before, ...tags };
      const count = Object.keys(after).length;
      if (count > TAGS_MAX)
        throw badRequest(`The resource would have ${count} tags, and may have ${TAGS_MAX}`);
      return after;
    });
    return {};
  },
});
