import type * as z from 'zod';
import { shapeInfo } from '../../src/model/shapes.ts';
import { operations } from '../../src/operations/index.ts';
import type { ShapeNames } from '../../src/reference/shape-names.ts';
import { model, modelShape } from './model.ts';

/** The model's names of all shapes that the registry uses: a test compares the two, member by member. */
export function shapeNames(): ShapeNames {
  const parts: Record<string, Record<string, string>> = {};
  const visit = (schema: z.ZodType, name: string) => {
    const info = shapeInfo(schema);
    const shape = modelShape(name);
    const own: Record<string, string> = {};
    const add = (part: string, of: z.ZodType | undefined, target: string | undefined) => {
      if (of === undefined || target === undefined) return;
      own[part] = target;
      visit(of, target);
    };
    for (const [member, of] of Object.entries(info.members ?? {}))
      add(member, of, shape.members?.[member]?.shape);
    add('key', info.key, shape.key?.shape);
    add('member', info.member, (shape.member ?? shape.value)?.shape);
    if (Object.keys(own).length > 0) parts[name] = own;
  };
  const inputsAndOutputs = operations.map(({ name, input, output }) => {
    const theirs = model.operations[name];
    if (theirs === undefined) throw new Error(`the model has no operation ${name}`);
    visit(input, theirs.input);
    visit(output, theirs.output);
    return [name, { input: theirs.input, output: theirs.output }] as const;
  });
  const sorted = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> =>
    Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { operations: sorted(inputsAndOutputs), parts: sorted(Object.entries(parts)) };
}

/** As it is in the file. */
export function shapeNamesText(): string {
  return `${JSON.stringify(shapeNames(), null, 2)}\n`;
}
