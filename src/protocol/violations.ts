import type * as z from 'zod';
import { type IssueParams, PROBLEMS_MAX, type ShapeInfo, shapeInfo } from '../model/shapes.ts';

/** How much of a rejected value an error message repeats. */
const ECHO_CODE_POINTS_MAX = 256;

/** What is wrong with an input: its JSON types, or else the model's constraints. */
export interface InputProblems {
  readonly malformed: string[];
  readonly violations: string[];
}

interface Place {
  /** `values.1.member`: lower-case first letter, list items counted from 1. */
  readonly path: string;
  readonly parent: ShapeInfo | undefined;
  readonly sensitive: boolean;
  readonly value: unknown;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** @param entry which entry of a map on the path is meant, from 0. */
function locate(
  root: z.ZodType,
  input: unknown,
  path: readonly PropertyKey[],
  entry: number,
): Place {
  let info: ShapeInfo | undefined = shapeInfo(root);
  let parent: ShapeInfo | undefined;
  let sensitive = info.sensitive ?? false;
  let value = input;
  const names: string[] = [];
  for (const step of path) {
    parent = info;
    const name = String(step);
    if (parent?.kind === 'list') names.push(String(Number(step) + 1), 'member');
    else if (parent?.kind === 'map') {
      // A key of a sensitive map is the customer's data too: its number stands for it.
      names.push(sensitive ? String(entry + 1) : cut(name), 'member');
    } else names.push(lowerFirst(name));
    const next: z.ZodType | undefined =
      parent?.kind === 'structure' ? parent.members?.[name] : parent?.member;
    info = next && shapeInfo(next);
    sensitive ||= info?.sensitive ?? false;
    value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
  }
  return { path: names.join('.'), parent, sensitive, value };
}

function cut(text: string): string {
  if (text.length <= ECHO_CODE_POINTS_MAX) return text;
  // A code point is at most two units: no need to take a long text apart.
  const points = [...text.slice(0, 2 * ECHO_CODE_POINTS_MAX)];
  return points.length > ECHO_CODE_POINTS_MAX
    ? `${points.slice(0, ECHO_CODE_POINTS_MAX).join('')}…`
    : text;
}

function echo(value: unknown): string {
  return cut(typeof value === 'string' ? value : JSON.stringify(value));
}

function describe(place: Place, constraint: string): string {
  const subject =
    place.sensitive || place.value === undefined || place.value === null
      ? 'Value'
      : `Value '${echo(place.value)}'`;
  return `${subject} at '${place.path}' failed to satisfy constraint: ${constraint}`;
}

/** Sorts what Zod found into malformed members and violated constraints, in the API's words. */
export function inputProblems(
  schema: z.ZodType,
  input: unknown,
  issues: readonly z.core.$ZodIssue[],
): InputProblems {
  const malformed = new Set<string>();
  const violations: string[] = [];
  for (const issue of issues.slice(0, PROBLEMS_MAX)) {
    const params = issue.code === 'custom' ? (issue.params as IssueParams) : undefined;
    const place = locate(schema, input, issue.path, params?.entry ?? 0);
    if (params !== undefined && 'constraint' in params)
      violations.push(describe(place, params.constraint));
    else if (isMissing(place)) violations.push(describe(place, 'Member must not be null'));
    else malformed.add(`Member '${place.path}' ${params?.serialization ?? issue.message}.`);
  }
  return { malformed: [...malformed], violations };
}

/** A structure's member may be absent or null; an item of a list or a map may not. */
function isMissing(place: Place): boolean {
  return place.parent?.kind === 'structure' && (place.value ?? null) === null;
}

/** The text of a BadRequestException that names every violated constraint. */
export function violationMessage(violations: readonly string[]): string {
  const count =
    violations.length === 1
      ? '1 validation error detected'
      : `${violations.length} validation errors detected`;
  return `${count}: ${violations.join('; ')}`;
}
