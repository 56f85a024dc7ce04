import { templates } from '../../identity/templates.ts';
import { operation } from '../../model/operation.ts';
import { integer, list, optional, query, structure } from '../../model/shapes.ts';
import { token } from '../shapes.ts';
import { templateMembers } from './shapes.ts';

const PAGE_SIZE_DEFAULT = 100;

const byId = [...templates.values()].toSorted((a, b) => (a.templateId < b.templateId ? -1 : 1));

/** Lists the templates by id. */
export const listProfileObjectTypeTemplates = operation({
  name: 'ListProfileObjectTypeTemplates',
  method: 'GET',
  path: '/templates',
  input: structure({
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
  }),
  output: structure({
    Items: optional(list(structure(templateMembers))),
    NextToken: optional(token),
  }),
  async handler(context, { MaxResults: limit = PAGE_SIZE_DEFAULT }) {
    const after = context.pagePosition() ?? '';
    const rest = byId.filter(({ templateId }) => templateId > after);
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    return {
      Items: page.map(({ templateId, sourceName, sourceObject }) => ({
        TemplateId: templateId,
        SourceName: sourceName,
        SourceObject: sourceObject,
      })),
      NextToken: rest.length > limit && last ? context.nextToken(last.templateId) : undefined,
    };
  },
});
