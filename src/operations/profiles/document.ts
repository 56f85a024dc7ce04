import type * as z from 'zod';
import type { ProfileDocument } from '../../identity/profile-document.ts';
import { badRequest } from '../../model/errors.ts';
import type { Profile } from './shapes.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * A profile as it is stored.
 *
 * @param bytesMax the quota.
 * @throws ServiceError BadRequestException when it is larger.
 */
export function encodeDocument(document: ProfileDocument, bytesMax: number): string {
  const text = JSON.stringify(document);
  if (Buffer.byteLength(text) > bytesMax)
    throw badRequest(`The profile is larger than ${bytesMax} bytes`);
  return text;
}

/** When a profile written at `now` expires: its domain's days after its last write. */
export function expiryOf(now: number, expirationDays: number): number {
  return now + expirationDays * DAY_MS;
}

/** A stored profile as the API shows it. */
export function describeProfile(row: {
  profileId: string;
  document: string;
}): z.output<typeof Profile> {
  // What was stored went through the shapes of CreateProfile or UpdateProfile.
  return { ProfileId: row.profileId, ...(JSON.parse(row.document) as z.output<typeof Profile>) };
}
