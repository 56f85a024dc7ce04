import type { Operation } from '../model/operation.ts';
import { createDomain } from './domains/create-domain.ts';
import { deleteDomain } from './domains/delete-domain.ts';
import { getDomain } from './domains/get-domain.ts';
import { listDomains } from './domains/list-domains.ts';
import { updateDomain } from './domains/update-domain.ts';
import { getProfileHistoryRecord } from './history/get-profile-history-record.ts';
import { listProfileHistoryRecords } from './history/list-profile-history-records.ts';
import { addProfileKey } from './profile-keys/add-profile-key.ts';
import { deleteProfileKey } from './profile-keys/delete-profile-key.ts';
import { batchGetProfile } from './profiles/batch-get-profile.ts';
import { createProfile } from './profiles/create-profile.ts';
import { deleteProfile } from './profiles/delete-profile.ts';
import { searchProfiles } from './profiles/search-profiles.ts';
import { updateProfile } from './profiles/update-profile.ts';

/** The registry: every operation that Keyfold has. Routes, tests and documents derive from it. */
export const operations: readonly Operation[] = [
  createDomain,
  getDomain,
  updateDomain,
  listDomains,
  deleteDomain,
  createProfile,
  updateProfile,
  deleteProfile,
  batchGetProfile,
  searchProfiles,
  addProfileKey,
  deleteProfileKey,
  listProfileHistoryRecords,
  getProfileHistoryRecord,
];
