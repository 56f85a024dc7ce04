import fc from 'fast-check';

/** Names and values are few, so that histories collide all the time. */
export const domainNames = ['one', 'two'] as const;
const emails = ['ada@x.y', 'ADA@x.y', 'bob@x.y'] as const;
const names = ['Ada', 'ADA', 'Bob'] as const;
const cards = ['ada@x.y', 'Ada', 'Bob'] as const;
export const keyNames = ['_email', '_fullName', 'card', 'ticket'] as const;
export const values = [...emails, ...names, '1', '2'] as const;

export const fieldNames = ['FirstName', 'EmailAddress', 'PersonalEmailAddress'] as const;
export type FieldName = (typeof fieldNames)[number];
export type Fields = { [field in FieldName]?: string | undefined };

/** An object of the only type: its card finds a profile, its id is unique, its name fills a field. */
export interface Ticket {
  readonly id: string;
  readonly card?: string | undefined;
  readonly name?: string | undefined;
}

/** Which of the profiles that were made last is meant. */
type Recent = number;

export type Command =
  | { kind: 'create domain' | 'delete domain' | 'define type' | 'delete type'; domain: string }
  | { kind: 'create profile'; domain: string; fields: Fields }
  | { kind: 'update profile'; domain: string; profile: Recent; fields: Fields }
  | { kind: 'delete profile'; domain: string; profile: Recent }
  | {
      kind: 'add key' | 'delete key';
      domain: string;
      profile: Recent;
      key: string;
      values: string[];
    }
  | { kind: 'put object'; domain: string; ticket: Ticket }
  | { kind: 'delete object'; domain: string; profile: Recent; id: string }
  | { kind: 'merge' | 'merge and undo'; domain: string; profile: Recent; others: Recent[] };

const domain = fc.constantFrom('one', ...domainNames);
const profile = fc.nat({ max: 2 });
const optionally = (arbitrary: fc.Arbitrary<string>) => fc.option(arbitrary, { nil: undefined });
const fieldsOf = (...more: string[]) =>
  fc.record({
    FirstName: optionally(fc.constantFrom(...names, ...more)),
    EmailAddress: optionally(fc.constantFrom(...emails, ...more)),
    PersonalEmailAddress: optionally(fc.constantFrom(...emails, ...more)),
  });
const ticketId = fc.constantFrom('1', '2', '3');

/** One command of a kind, with how often it comes. */
function kind<K extends Command['kind'], R>(weight: number, of: K[], rest: fc.Arbitrary<R>) {
  const arbitrary = fc.tuple(fc.constantFrom(...of), domain, rest);
  return {
    weight,
    arbitrary: arbitrary.map(([own, name, more]) => ({ kind: own, domain: name, ...more })),
  };
}

const nothing = fc.constant({});

export const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    kind(2, ['create domain', 'define type'], nothing),
    kind(1, ['delete domain', 'delete type'], nothing),
    kind(5, ['create profile'], fc.record({ fields: fieldsOf() })),
    kind(5, ['update profile'], fc.record({ profile, fields: fieldsOf('') })),
    kind(2, ['delete profile'], fc.record({ profile })),
    kind(
      7,
      ['add key', 'delete key'],
      fc.record({
        profile,
        key: fc.constantFrom(...keyNames),
        values: fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }),
      }),
    ),
    kind(
      8,
      ['put object'],
      fc.record({
        ticket: fc.record({
          id: ticketId,
          card: optionally(fc.constantFrom(...cards)),
          name: optionally(fc.constantFrom(...names)),
        }),
      }),
    ),
    kind(2, ['delete object'], fc.record({ profile, id: ticketId })),
    kind(
      4,
      ['merge', 'merge and undo'],
      fc.record({ profile, others: fc.array(profile, { minLength: 1, maxLength: 2 }) }),
    ),
  ) as fc.Arbitrary<Command>,
  { minLength: 40, maxLength: 80 },
);
