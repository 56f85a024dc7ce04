import { addressFields, textFields } from '../identity/profile-document.ts';
import { inParts } from '../repository/lists.ts';
import { addressParts, type ExportedProfile, VALUES_MAX } from './exported-profile.ts';
import { type KeyWithValues, RowRefusedError, timeMembers } from './imported-profile.ts';

/**
 * What a column of a CSV file holds, by its name: `FirstName`, `Address.City`, `Attributes.plan`,
 * `Keys.loyaltyCard`, `RemovedKeys._email`.
 */
export interface Column {
  readonly member: string;
  /** What is within the member; undefined where the member is the whole. */
  readonly part: string | undefined;
}

const keyMembers = ['Keys', 'RemovedKeys'] as const;

/** The members in the order in which an exported file has them. */
const members: readonly string[] = [
  'ProfileId',
  ...textFields,
  ...addressFields,
  'Attributes',
  'EngagementPreferences',
  ...keyMembers,
  ...timeMembers,
];

const whole = new Set<string>([
  'ProfileId',
  ...textFields,
  'EngagementPreferences',
  ...timeMembers,
]);
const addresses = new Set<string>(addressFields);
const keys = new Set<string>(keyMembers);

/** The column of that name, or undefined when there is no such. */
export function columnOf(name: string): Column | undefined {
  if (whole.has(name)) return { member: name, part: undefined };
  const dot = name.indexOf('.');
  if (dot < 0) return undefined;
  const [member, part] = [name.slice(0, dot), name.slice(dot + 1)];
  const isKnown =
    (addresses.has(member) && addressParts.includes(part)) ||
    (member === 'Attributes' && part !== '') ||
    (keys.has(member) && /^[a-zA-Z0-9_-]{1,64}$/.test(part));
  return isKnown ? { member, part } : undefined;
}

/** The name of a column, as a header has it. */
export function nameOfColumn({ member, part }: Column): string {
  return part === undefined ? member : `${member}.${part}`;
}

/** Columns in the order in which an exported file has them. */
export function inOrder(columns: Iterable<Column>): Column[] {
  const rank = ({ member, part = '' }: Column): readonly [number, number | string] => [
    members.indexOf(member),
    addresses.has(member) ? addressParts.indexOf(part) : part,
  ];
  return [...columns].toSorted((a, b) => {
    const [[memberA, partA], [memberB, partB]] = [rank(a), rank(b)];
    if (memberA !== memberB) return memberA - memberB;
    return partA === partB ? 0 : partA < partB ? -1 : 1;
  });
}

/** A key's cell: one value as it is, several as a JSON list; what begins like a list is put into one. */
function keyCell(values: readonly string[]): string {
  const [first] = values;
  return values.length === 1 && first !== undefined && !first.startsWith('[')
    ? first
    : JSON.stringify(values);
}

/** The cells of a profile, by the names of their columns. */
export function cellsOf(profile: ExportedProfile): Map<string, string> {
  const cells = new Map<string, string>();
  for (const [member, value] of Object.entries(profile)) {
    if (typeof value === 'string') cells.set(member, value);
    else if (keys.has(member)) {
      // Long lists are in parts there.
      const byName = Map.groupBy(value as readonly KeyWithValues[], ({ KeyName }) => KeyName);
      for (const [name, parts] of byName)
        cells.set(`${member}.${name}`, keyCell(parts.flatMap(({ Values }) => Values)));
    } else if (member === 'EngagementPreferences') cells.set(member, JSON.stringify(value));
    else
      for (const [part, text] of Object.entries(value as Readonly<Record<string, string>>))
        cells.set(`${member}.${part}`, text);
  }
  return cells;
}

function readJson(text: string, column: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RowRefusedError(`Column ${column} is not valid JSON.`);
  }
}

function readValues(text: string, column: string): readonly unknown[] {
  if (!text.startsWith('[')) return [text];
  const values = readJson(text, column);
  // What begins with a bracket is JSON.
  return values as unknown[];
}

/**
 * The profile that a row's cells make, unchecked; an empty cell is the same as none.
 *
 * @param columns of the cells; undefined for one that is passed over.
 * @throws RowRefusedError when a cell can't be read.
 */
export function profileOfCells(
  columns: readonly (Column | undefined)[],
  cells: readonly string[],
): Readonly<Record<string, unknown>> {
  if (cells.length !== columns.length)
    throw new RowRefusedError(
      `The row has ${cells.length} cells, and the header has ${columns.length}.`,
    );
  const profile: Record<string, unknown> = {};
  for (const [index, cell] of cells.entries()) {
    const column = columns[index];
    if (column === undefined || cell === '') continue;
    const { member, part } = column;
    if (part === undefined)
      profile[member] = member === 'EngagementPreferences' ? readJson(cell, member) : cell;
    else if (keys.has(member)) {
      profile[member] ??= [];
      for (const Values of inParts(readValues(cell, nameOfColumn(column)), VALUES_MAX))
        (profile[member] as unknown[]).push({ KeyName: part, Values });
    } else {
      // Without a prototype, `__proto__` is an attribute like any other.
      profile[member] ??= Object.create(null);
      (profile[member] as Record<string, string>)[part] = cell;
    }
  }
  return profile;
}
