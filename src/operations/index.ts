import type { Operation } from '../model/operation.ts';
import { getObjectTypeAttributeStatistics } from './attributes/get-object-type-attribute-statistics.ts';
import { listObjectTypeAttributeValues } from './attributes/list-object-type-attribute-values.ts';
import { listObjectTypeAttributes } from './attributes/list-object-type-attributes.ts';
import { listProfileAttributeValues } from './attributes/list-profile-attribute-values.ts';
import { createDomain } from './domains/create-domain.ts';
import { deleteDomain } from './domains/delete-domain.ts';
import { getDomain } from './domains/get-domain.ts';
import { listDomains } from './domains/list-domains.ts';
import { updateDomain } from './domains/update-domain.ts';
import { getProfileHistoryRecord } from './history/get-profile-history-record.ts';
import { listProfileHistoryRecords } from './history/list-profile-history-records.ts';
import { getAutoMergingPreview } from './identity-resolution/get-auto-merging-preview.ts';
import { getIdentityResolutionJob } from './identity-resolution/get-identity-resolution-job.ts';
import { listIdentityResolutionJobs } from './identity-resolution/list-identity-resolution-jobs.ts';
import { deleteIntegration } from './integrations/delete-integration.ts';
import { getIntegration } from './integrations/get-integration.ts';
import { listAccountIntegrations } from './integrations/list-account-integrations.ts';
import { listIntegrations } from './integrations/list-integrations.ts';
import { putIntegration } from './integrations/put-integration.ts';
import { getMatches } from './matches/get-matches.ts';
import { getSimilarProfiles } from './matches/get-similar-profiles.ts';
import { listRuleBasedMatches } from './matches/list-rule-based-matches.ts';
import { deleteProfileObjectType } from './object-types/delete-profile-object-type.ts';
import { detectProfileObjectType } from './object-types/detect-profile-object-type.ts';
import { getProfileObjectType } from './object-types/get-profile-object-type.ts';
import { listProfileObjectTypes } from './object-types/list-profile-object-types.ts';
import { putProfileObjectType } from './object-types/put-profile-object-type.ts';
import { batchPutProfileObject } from './objects/batch-put-profile-object.ts';
import { deleteProfileObject } from './objects/delete-profile-object.ts';
import { listProfileObjects } from './objects/list-profile-objects.ts';
import { putProfileObject } from './objects/put-profile-object.ts';
import { addProfileKey } from './profile-keys/add-profile-key.ts';
import { deleteProfileKey } from './profile-keys/delete-profile-key.ts';
import { batchGetProfile } from './profiles/batch-get-profile.ts';
import { createProfile } from './profiles/create-profile.ts';
import { deleteProfile } from './profiles/delete-profile.ts';
import { mergeProfiles } from './profiles/merge-profiles.ts';
import { searchProfiles } from './profiles/search-profiles.ts';
import { updateProfile } from './profiles/update-profile.ts';
import { listTagsForResource } from './tags/list-tags-for-resource.ts';
import { tagResource } from './tags/tag-resource.ts';
import { untagResource } from './tags/untag-resource.ts';
import { getProfileObjectTypeTemplate } from './templates/get-profile-object-type-template.ts';
import { listProfileObjectTypeTemplates } from './templates/list-profile-object-type-templates.ts';
import { createIntegrationWorkflow } from './workflows/create-integration-workflow.ts';
import { deleteWorkflow } from './workflows/delete-workflow.ts';
import { getWorkflow } from './workflows/get-workflow.ts';
import { getWorkflowSteps } from './workflows/get-workflow-steps.ts';
import { listWorkflows } from './workflows/list-workflows.ts';

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
  mergeProfiles,
  addProfileKey,
  deleteProfileKey,
  listProfileHistoryRecords,
  getProfileHistoryRecord,
  putProfileObject,
  batchPutProfileObject,
  listProfileObjects,
  deleteProfileObject,
  putProfileObjectType,
  getProfileObjectType,
  listProfileObjectTypes,
  deleteProfileObjectType,
  detectProfileObjectType,
  getProfileObjectTypeTemplate,
  listProfileObjectTypeTemplates,
  listRuleBasedMatches,
  listObjectTypeAttributes,
  listObjectTypeAttributeValues,
  listProfileAttributeValues,
  getObjectTypeAttributeStatistics,
  getMatches,
  getSimilarProfiles,
  getIdentityResolutionJob,
  listIdentityResolutionJobs,
  getAutoMergingPreview,
  tagResource,
  untagResource,
  listTagsForResource,
  putIntegration,
  getIntegration,
  listIntegrations,
  listAccountIntegrations,
  deleteIntegration,
  createIntegrationWorkflow,
  getWorkflow,
  getWorkflowSteps,
  listWorkflows,
  deleteWorkflow,
];
