import type * as z from 'zod';
import { templates } from '../../identity/templates.ts';
import { ServiceError } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { boolean, label, optional, structure } from '../../model/shapes.ts';
import { mappingMembers } from '../object-types/shapes.ts';
import { name } from '../shapes.ts';
import { templateMembers } from './shapes.ts';

const output = structure({
  ...templateMembers,
  AllowProfileCreation: optional(boolean()),
  ...mappingMembers,
});

/** Shows a template: what an object type with its id, or with its TemplateId, does with objects. */
export const getProfileObjectTypeTemplate = operation({
  name: 'GetProfileObjectTypeTemplate',
  method: 'GET',
  path: '/templates/{TemplateId}',
  input: structure({ TemplateId: label(name) }),
  output,
  async handler(_, { TemplateId }) {
    const template = templates.get(TemplateId);
    if (template === undefined)
      throw new ServiceError('ResourceNotFoundException', `Template ${TemplateId} does not exist`);
    return {
      TemplateId,
      SourceName: template.sourceName,
      SourceObject: template.sourceObject,
      // The shape's lists can be written to; nobody does.
      ...(template.mapping as Pick<
        z.output<typeof output>,
        'AllowProfileCreation' | 'SourceLastUpdatedTimestampFormat' | 'Fields' | 'Keys'
      >),
    };
  },
});
