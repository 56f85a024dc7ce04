import { optional } from '../../model/shapes.ts';
import { name } from '../shapes.ts';

/** What names a template, in itself and in the list of all. */
export const templateMembers = {
  TemplateId: optional(name),
  SourceName: optional(name),
  SourceObject: optional(name),
};
