import type * as z from 'zod';
import { detectMapping } from '../../identity/detect.ts';
import { badRequest } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { label, list, optional, sensitive, string, structure } from '../../model/shapes.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { name } from '../shapes.ts';
import { mappingMembers } from './shapes.ts';

const stringifiedJson = sensitive(string({ min: 1, max: 256_000 }));
const DetectedProfileObjectType = structure(mappingMembers);

/** @throws ServiceError BadRequestException that tells which of the objects isn't one. */
function parseObject(text: string, index: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What the parser says would quote the object.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest(`Item ${index + 1} of Objects is not a JSON object`);
  return value as Record<string, unknown>;
}

/**
 * Suggests how objects like one to five samples map to profiles: one suggestion, or none when nothing
 * in the samples tells them apart. Nothing is stored.
 */
export const detectProfileObjectType = operation({
  name: 'DetectProfileObjectType',
  method: 'POST',
  path: '/domains/{DomainName}/detect/object-types',
  input: structure({
    DomainName: label(name),
    Objects: sensitive(list(stringifiedJson, { min: 1, max: 5 })),
  }),
  output: structure({ DetectedProfileObjectTypes: optional(list(DetectedProfileObjectType)) }),
  async handler({ repository, caller }, { DomainName: domainName, Objects }) {
    await requireDomain(repository, { accountId: caller.accountId, domainName });
    const mapping = detectMapping(Objects.map(parseObject));
    return {
      // The shape's lists can be written to; nobody does.
      DetectedProfileObjectTypes:
        mapping === undefined ? [] : [mapping as z.output<typeof DetectedProfileObjectType>],
    };
  },
});
