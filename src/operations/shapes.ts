import { list, map, sensitive, string } from '../model/shapes.ts';

/**
 * The model's shapes that several resources use, under the model's names. A shape without
 * constraints of its own is written where it is used.
 */
export const name = string({ min: 1, max: 64, pattern: /^[a-zA-Z0-9_-]+$/ });

/** Not anchored, as in the model: `xx<32 hex digits>yy` is valid input, and the id of nothing. */
export const uuid = string({ pattern: /[a-f0-9]{32}/ });

export const string1To255 = string({ min: 1, max: 255 });
export const string0To255 = string({ min: 0, max: 255 });
export const message = string();
export const text = string({ min: 1, max: 1000 });
/** An object, or what the history shows, as JSON text. */
export const stringifiedJson = sensitive(string({ min: 1, max: 256_000 }));

/** The name of an object type. */
export const typeName = string({ min: 1, max: 255, pattern: /^[a-zA-Z_][a-zA-Z_0-9-]*$/ });
export const token = string({ min: 1, max: 1024 });

/**
 * The model bounds only each value's length. A call without values has no meaning, and one with any
 * number of them would be a way to hold the writer: Keyfold takes 1 to 255.
 */
export const requestValueList = list(string1To255, { min: 1, max: 255 });

// In this pattern `+-=` is a range: digits, commas, colons and semicolons are within it.
export const TagKey = string({ min: 1, max: 128, pattern: /^(?!aws:)[a-zA-Z+-=._:/]+$/ });
export const TagMap = map(TagKey, string({ max: 256 }), { min: 1, max: 50 });

export const RoleArn = string({ max: 512, pattern: /arn:aws:iam:.*:[0-9]+:.*/ });
