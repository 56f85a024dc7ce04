import fc from 'fast-check';
import { hostileName, hostileText, SECRET } from './hostile.ts';
import { OTHER_PROFILE_ID, PROFILE_ID } from './world.ts';

type Input = Record<string, unknown>;

/** Names of fields and keys. They are told in errors, so that no secret is among them. */
const name = fc.oneof(hostileName, fc.constantFrom('id', 'B-1', 'x'.repeat(64)));

const field = fc.record(
  {
    Source: fc.constantFrom(
      SECRET,
      `_source.${SECRET}.b[].c`,
      `{{_source.${SECRET}}} and {{ _source.__proto__ }}`,
      '_source.constructor',
    ),
    Target: fc.constantFrom(
      '_profile.FirstName',
      '_profile.Address.City',
      '_profile.Attributes.constructor',
      '_order.OrderItems[].Title',
    ),
    ContentType: fc.constantFrom('STRING', 'NAME', 'NUMBER'),
  },
  { requiredKeys: [] },
);

/** Fields, and keys of them of which the first is unique. */
const mapping = fc
  .uniqueArray(fc.tuple(name, field), { selector: ([own]) => own, minLength: 1, maxLength: 4 })
  .chain((fields) => {
    const FieldNames = fc.array(fc.constantFrom(...fields.map(([own]) => own)), {
      minLength: 1,
      maxLength: 3,
    });
    const other = fc.record({ StandardIdentifiers: fc.constant(['PROFILE']), FieldNames });
    const unique = fc.record({ StandardIdentifiers: fc.constant(['UNIQUE']), FieldNames });
    const others = fc.array(fc.tuple(name, fc.array(other, { minLength: 1, maxLength: 2 })), {
      maxLength: 3,
    });
    return fc.tuple(name, unique, others).map(([own, key, more]) => ({
      Fields: Object.fromEntries(fields),
      Keys: Object.fromEntries([...more, [own, [key]]]),
    }));
  });

function without(input: Input, ...members: string[]): Input {
  return Object.fromEntries(Object.entries(input).filter(([own]) => !members.includes(own)));
}

/** A mapping of its own, or the members that go with a template. */
function withMapping(valid: fc.Arbitrary<Input>): fc.Arbitrary<Input> {
  const own = ['AllowProfileCreation', 'SourceLastUpdatedTimestampFormat', 'Fields', 'Keys'];
  return fc
    .tuple(valid, fc.option(mapping, { freq: 2 }))
    .map(([input, made]) =>
      made === null ? without(input, ...own) : { ...without(input, 'TemplateId'), ...made },
    );
}

/** Objects as JSON text, with what is hostile in names and values; some are none. */
const samples = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.dictionary(fc.oneof(hostileName, hostileText), hostileText) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>([], SECRET, null) },
  ),
  { minLength: 1, maxLength: 5 },
);

/** A merge of the two profiles of the world, with sources that are among them. */
function mergeOfBoth(valid: fc.Arbitrary<Input>): fc.Arbitrary<Input> {
  const among = (sources: unknown, flags: readonly boolean[]): unknown => {
    if (typeof sources !== 'object' || sources === null) return sources;
    const pick = (index: number) => (flags[index % flags.length] ? PROFILE_ID : OTHER_PROFILE_ID);
    return Object.fromEntries(
      Object.entries(sources).map(([name, source], index) => [
        name,
        typeof source === 'string' ? pick(index) : among(source, flags),
      ]),
    );
  };
  const flags = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });
  return fc.tuple(valid, fc.boolean(), flags).map(([input, isOtherMain, own]) => {
    const [main, other] = isOtherMain
      ? [OTHER_PROFILE_ID, PROFILE_ID]
      : [PROFILE_ID, OTHER_PROFILE_ID];
    const merge = { ...input, MainProfileId: main, ProfileIdsToBeMerged: [other] };
    const { FieldSourceProfileIds: sources } = input;
    return sources === undefined ? merge : { ...merge, FieldSourceProfileIds: among(sources, own) };
  });
}

/**
 * By operation: inputs that agree with themselves, where members that are valid one by one hardly ever
 * do. What the other members are is up to the given inputs.
 */
export const consistent: Readonly<
  Record<string, (valid: fc.Arbitrary<Input>) => fc.Arbitrary<Input>>
> = {
  PutProfileObjectType: withMapping,
  MergeProfiles: mergeOfBoth,
  DetectProfileObjectType: (valid) =>
    fc.tuple(valid, samples).map(([input, objects]) => ({
      ...input,
      Objects: objects.map((object) => JSON.stringify(object)),
    })),
};
