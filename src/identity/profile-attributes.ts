import { isAttributeValue } from './attribute-values.ts';
import type { ProfileDocument } from './profile-document.ts';
import { isStandardField } from './standard-objects.ts';

/** The model: the longest value of a profile's attribute, in code points. */
const VALUE_MAX = 255;

const CUSTOM_PREFIX = 'Attributes.';

type Members = Readonly<Record<string, unknown>>;

/** Where a profile has an attribute: a field, or a member of a structure. */
function placeOf(name: string): readonly string[] {
  if (name.startsWith(CUSTOM_PREFIX)) return ['Attributes', name.slice(CUSTOM_PREFIX.length)];
  return isStandardField(`_profile.${name}`) ? name.split('.') : ['Attributes', name];
}

/**
 * Makes what reads an attribute of profiles: a standard field such as `FirstName` or `Address.City`, or a
 * custom attribute, `Attributes.plan` or `plan`. A standard field goes before a custom attribute that has
 * its name. What is made gives undefined where a profile has no value that can be shown.
 */
export function profileAttribute(name: string): (profile: ProfileDocument) => string | undefined {
  const place = placeOf(name);
  return (profile) => {
    let value: unknown = profile;
    for (const member of place) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return;
      value = (value as Members)[member];
    }
    return typeof value === 'string' && isAttributeValue(value, VALUE_MAX) ? value : undefined;
  };
}
