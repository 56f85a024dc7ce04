import { label, string } from '../../model/shapes.ts';

/** The model's pattern has no dash, and with that no `aws-cn` and no `aws-us-gov`. */
const TagArn = string({ max: 256, pattern: /^arn:[a-z0-9-]{1,10}:profile/ });

/** The resource that an operation on tags is about. */
export const resourceArn = label(TagArn);
