import { operation } from '../../model/operation.ts';
import { list, query, structure } from '../../model/shapes.ts';
import { TagKey } from '../shapes.ts';
import { resourceArn } from './shapes.ts';
import { changeTags } from './tagged.ts';

/** Takes tags away by their keys; a key that the resource doesn't have changes nothing. */
export const untagResource = operation({
  name: 'UntagResource',
  method: 'DELETE',
  path: '/tags/{resourceArn}',
  input: structure({
    resourceArn,
    tagKeys: query('tagKeys', list(TagKey, { min: 1, max: 50 })),
  }),
  output: structure({}),
  async handler(context, { resourceArn, tagKeys }) {
    const removed = new Set(tagKeys);
    // fromEntries makes a member of `__proto__` too, where assigning would set the prototype.
    await changeTags(context, resourceArn, (before) =>
      Object.fromEntries(Object.entries(before).filter(([key]) => !removed.has(key))),
    );
    return {};
  },
});
