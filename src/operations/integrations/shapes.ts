import {
  boolean,
  enumeration,
  label,
  list,
  map,
  optional,
  structure,
  timestamp,
} from '../../model/shapes.ts';
import { name, RoleArn, string1To255, TagMap, typeName } from '../shapes.ts';
import { FlowDefinition } from './flow-shapes.ts';

/**
 * The model bounds this map not at all, and the guide names seven types of events. A page of
 * integrations shows many of these maps: Keyfold takes up to a hundred entries in one.
 */
const ObjectTypeNames = map(string1To255, typeName, { max: 100 });

/** The members that an integration keeps as they were put. */
const settingMembers = {
  ObjectTypeName: optional(typeName),
  ObjectTypeNames: optional(ObjectTypeNames),
  RoleArn: optional(RoleArn),
  EventTriggerNames: optional(list(name, { min: 1, max: 1 })),
  Scope: optional(enumeration('PROFILE', 'DOMAIN')),
  Tags: optional(TagMap),
};

export const PutIntegrationRequest = structure({
  DomainName: label(name),
  Uri: optional(string1To255),
  FlowDefinition: optional(FlowDefinition),
  ...settingMembers,
});

/** What GetIntegration and DeleteIntegration take. */
export const IntegrationRequest = structure({ DomainName: label(name), Uri: string1To255 });

/** What every answer about an integration shows; the model has it under three names. */
export const IntegrationResponse = structure({
  DomainName: name,
  Uri: string1To255,
  CreatedAt: timestamp(),
  LastUpdatedAt: timestamp(),
  WorkflowId: optional(string1To255),
  IsUnstructured: optional(boolean()),
  ...settingMembers,
});
