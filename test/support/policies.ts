import type { CustomerProfilesClient } from '@aws-sdk/client-customer-profiles';
import type { Service } from '../../src/index.ts';
import { signedClient } from './signing.ts';

/** A client whose credentials have one policy. */
export async function clientAllowed(
  service: Service,
  ...Statement: Record<string, unknown>[]
): Promise<CustomerProfilesClient> {
  const policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const issued = await service.createCredentials({ policies: [policy], userName: 'ada' });
  return signedClient(service, issued);
}

/** The ARN of a domain of the account, or of something in it. */
export const domainArn = (name: string) => `arn:aws:profile:us-east-1:000000000000:domains/${name}`;

/** A statement. */
export const allow = (
  Action: string | string[],
  Resource: string | string[] = '*',
  Condition?: object,
) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
