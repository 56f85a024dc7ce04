import type * as z from 'zod';
import { shapeInfo } from '../model/shapes.ts';

/** What an operation's output is on the wire. */
export interface EncodedOutput {
  readonly status: number;
  /** JSON text; null for an answer without a body. */
  readonly body: string | null;
}

/** Every success is this, creating and deleting included (the service model). */
const SUCCESS = 200;

/** The member of an output that travels as the HTTP status, if it has one. */
function statusMember(output: z.ZodType): string | undefined {
  const members = Object.entries(shapeInfo(output).members ?? {});
  const [name] = members.find(([, member]) => shapeInfo(member).location?.in === 'status') ?? [];
  return name;
}

/** Makes what writes the outputs of an operation. A member that is the status is not in the body. */
export function outputEncoder<O extends z.ZodType>(
  shape: O,
): (output: z.output<O>) => EncodedOutput {
  const member = statusMember(shape);
  if (member === undefined) return (output) => ({ status: SUCCESS, body: JSON.stringify(output) });
  return (output) => {
    // What has members is a structure.
    const { [member]: status, ...rest } = output as Readonly<Record<string, unknown>>;
    const body = JSON.stringify(rest);
    return { status: typeof status === 'number' ? status : SUCCESS, body };
  };
}
