import type { z } from 'zod';
import type { ProfileDocument } from '../../identity/profile-document.ts';
import { badRequest } from '../../model/errors.ts';
import type { Profile } from './shapes.ts';

/** The published quota for the size of one profile: 250 KB, not adjustable. */
const PROFILE_BYTES_MAX = 250 * 1024;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * A profile as it is stored.
 *
 * @throws ServiceError BadRequestException when it is larger than 250 KB.
 */
export function encodeDocument(document: ProfileDocument): string {
  const text = JSON.stringify(document);
  if (Buffer.byteLength(text) > PROFILE_BYTES_MAX)
    throw badRequest(`The profile is larger than ${PROFILE_BYTES_MAX} bytes`);
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
