import { label, string } from '../../model/shapes.ts';
import { name, typeName } from '../shapes.ts';

const string1To1000 = string({ min: 1, max: 1000 });

export const ObjectTypeName = { DomainName: label(name), ObjectTypeName: label(typeName) };

/** An attribute of an object type: a field, or a path in its objects. */
export const ObjectTypeAttribute = { ...ObjectTypeName, AttributeName: label(string1To1000) };
