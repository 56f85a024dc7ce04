import { describe, expect, test } from 'vitest';
import { mappingProblem } from '../../src/identity/object-type-rules.ts';
import { templates } from '../../src/identity/templates.ts';

describe.each([...templates.values()])('the template $templateId', ({ templateId, mapping }) => {
  test('keeps to the rules of object types', () => {
    expect(mappingProblem(mapping, 10)).toBeUndefined();
    expect(templateId).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    for (const name of Object.keys(mapping.Fields)) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    for (const name of Object.keys(mapping.Keys)) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  test('fills each field once', () => {
    const targets = Object.values(mapping.Fields).flatMap(({ Target = [] }) => Target);
    expect(new Set(targets).size).toBe(targets.length);
  });

  test('has a key by which its objects find a profile', () => {
    const identifiers = Object.values(mapping.Keys)
      .flat()
      .flatMap(({ StandardIdentifiers = [] }) => StandardIdentifiers);
    expect(identifiers).toContain('PROFILE');
  });
});

test('text that anybody may have written goes to no field of the API’s own values', () => {
  const targets = [...templates.values()].flatMap(({ mapping }) =>
    Object.values(mapping.Fields).map(({ Target }) => Target),
  );
  for (const target of ['_profile.Gender', '_profile.PartyType', '_profile.ProfileType'])
    expect(targets).not.toContain(target);
});
