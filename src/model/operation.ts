import type * as z from 'zod';
import type { Repository } from '../repository/repository.ts';

export type Method = 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';

/** Who sent a request. Without signatures everybody is the configured account. */
export interface Caller {
  /** Twelve digits. Accounts don't see one another's domains. */
  readonly accountId: string;
  /** As in ARNs: `us-east-1`. */
  readonly region: string;
  /** Who it is in the history: the ARN of a user, or the account's root without authentication. */
  readonly arn: string;
}

/** Makes the identifiers that the service assigns. Deterministic ones make tests repeatable. */
export interface Ids {
  /** 16 lower-case hex digits; never shown. */
  domainId(): string;
  /** 32 lower-case hex digits that sort by the time they were made. */
  profileId(now: number): string;
  /** The same for what is kept about profiles: history, objects, merges. */
  recordId(now: number): string;
  /** What names a request in its answer and in the log; a random UUID where it is absent. */
  requestId?(): string;
}

/** How much may be stored. `Infinity` means no limit. */
export interface Quotas {
  /** The domains of an account. */
  readonly domains: number;
  /** The integrations of a domain. */
  readonly integrations: number;
  /** One profile, in bytes of its JSON as UTF-8. */
  readonly profileBytes: number;
  /** The object types of a domain. */
  readonly objectTypes: number;
  /** The keys of an object type. */
  readonly objectTypeKeys: number;
  /** One object, in bytes of UTF-8. */
  readonly objectBytes: number;
  /** The objects of a profile, and their bytes. */
  readonly objectsPerProfile: number;
  readonly objectBytesPerProfile: number;
}

/** Everything an operation's handler may use: no HTTP, no SQL, no clock of its own. */
export interface Context {
  readonly repository: Repository;
  readonly caller: Caller;
  readonly ids: Ids;
  readonly quotas: Quotas;
  /** When the request arrived: milliseconds since the epoch. */
  readonly now: number;
  /**
   * The position of this request's page: what {@link Context.nextToken} was given by the page
   * before. Undefined for the first page.
   *
   * @throws ServiceError BadRequestException when NextToken isn't one of this request's.
   */
  pagePosition(): string | undefined;
  /** The NextToken of the page at `position`. */
  nextToken(position: string): string;
  /** Says that there is something to sweep: the rest of a deleted domain or object type. */
  wakeSweeper(): void;
}

/** What work in the background has of a context, and every request has too. */
export type WorkContext = Pick<Context, 'repository' | 'caller' | 'ids' | 'quotas' | 'now'>;

/** What a unit of work that changes profiles needs of it. */
export type UnitContext = Omit<WorkContext, 'repository'>;

/** Who does what nobody has asked for, in the history: expiry, automatic merges. */
export const SERVICE_PRINCIPAL = 'profile.amazonaws.com';

/** A context for what the service does of itself while it answers somebody. */
export function asService(context: WorkContext): WorkContext {
  return { ...context, caller: { ...context.caller, arn: SERVICE_PRINCIPAL } };
}

/** One operation of the API, complete: the registry, routing and documents derive from it. */
export interface Operation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  /** As in the model: `AddProfileKey`. */
  readonly name: string;
  readonly method: Method;
  /** As in the model: `/domains/{DomainName}/profiles/keys`. */
  readonly path: string;
  readonly input: I;
  readonly output: O;
  /**
   * For policies: the resource within the domain that the operation is about, where the body names
   * it, such as `integrations/<Uri>`. They come before the body is known to be valid: it is any JSON
   * object.
   */
  readonly resourceInBody?: (body: Readonly<Record<string, unknown>>, caller: Caller) => string;
  handler(context: Context, input: z.output<I>): Promise<z.output<O>>;
}

/** Declares an operation; the types of its handler follow from its shapes. */
export function operation<I extends z.ZodType, O extends z.ZodType>(
  definition: Operation<I, O>,
): Operation<I, O> {
  return definition;
}

/** The service itself, at work in an account. */
export function serviceCaller(accountId: string, region: string): Caller {
  return { accountId, region, arn: SERVICE_PRINCIPAL };
}

/** The caller in the account where requests are not authenticated. */
export function localCaller(accountId: string, region: string): Caller {
  return { accountId, region, arn: `arn:aws:iam::${accountId}:root` };
}
