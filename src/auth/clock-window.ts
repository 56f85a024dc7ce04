import { incomplete, invalid } from './errors.ts';

/** How far a client's clock may be off. */
const CLOCK_WINDOW_MS = 5 * 60_000;
/** A week, as everywhere in AWS. */
const EXPIRES_SECONDS_MAX = 604_800;

/** Milliseconds since the epoch, or undefined for what is no moment in ISO 8601's basic format. */
function parseTimestamp(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  if (second === undefined) return undefined;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // 30 February is a day in March to the parser.
  return formatTimestamp(time) === text ? time : undefined;
}

function formatTimestamp(time: number): string {
  if (Number.isNaN(time)) return '';
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/**
 * Checks that a request was signed within five minutes of now. In the query form `X-Amz-Expires` can make it shorter, never
 * longer: a request that is seen by somebody else is of no use to them for more than five minutes.
 *
 * @param timestamp as in the request: `YYYYMMDDTHHMMSSZ`.
 * @param expires `X-Amz-Expires`, seconds as given.
 * @param now milliseconds since the epoch.
 * @throws ProtocolError IncompleteSignatureException or InvalidSignatureException.
 */
export function checkClock(timestamp: string, expires: string | undefined, now: number): void {
  const time = parseTimestamp(timestamp);
  if (time === undefined)
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  if (time < now - CLOCK_WINDOW_MS)
    throw invalid(
      `Signature expired: ${timestamp} is now earlier than ${formatTimestamp(now - CLOCK_WINDOW_MS)} (${formatTimestamp(now)} - 5 min.)`,
    );
  if (time > now + CLOCK_WINDOW_MS)
    throw invalid(
      `Signature not yet current: ${timestamp} is still later than ${formatTimestamp(now + CLOCK_WINDOW_MS)} (${formatTimestamp(now)} + 5 min.)`,
    );
  if (expires === undefined) return;
  if (!/^[1-9][0-9]{0,5}$/.test(expires) || Number(expires) > EXPIRES_SECONDS_MAX)
    throw incomplete(`X-Amz-Expires must be a number of seconds from 1 to ${EXPIRES_SECONDS_MAX}.`);
  const lifetimeMs = Number(expires) * 1000;
  if (time < now - lifetimeMs)
    throw invalid(
      `Signature expired: ${timestamp} is now earlier than ${formatTimestamp(now - lifetimeMs)} (${formatTimestamp(now)} - ${expires} s.)`,
    );
}
