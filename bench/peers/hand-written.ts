import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import BetterSqlite3 from 'better-sqlite3';
import { ACCOUNT_ID } from '../domains/customers.ts';

/**
 * What somebody who knows Node and SQLite well writes by hand for two operations, and nothing besides:
 * bare node:http, better-sqlite3, statements prepared once, one transaction a request, on Keyfold's own
 * tables with Keyfold's own settings of SQLite. It has no authentication, no validation, no limits, no
 * log and no other operations.
 *
 * `--history no` leaves the history out. `--storage no` answers without doing anything: what Node's
 * HTTP and JSON take by themselves.
 */
const { values: options } = parseArgs({
  options: {
    database: { type: 'string', default: '' },
    history: { type: 'string', default: 'yes' },
    storage: { type: 'string', default: 'yes' },
  },
});

interface KeyInput {
  readonly ProfileId: string;
  readonly KeyName: string;
  readonly Values: readonly string[];
}

interface Handlers {
  /** False when the domain or the profile isn't there. */
  addKey(domainName: string, input: KeyInput): boolean;
  /** The JSON of the answer; undefined when the domain isn't there. */
  search(domainName: string, keyName: string, value: string): string | undefined;
}

const PAGE_SIZE = 20;
const ARN = `arn:aws:iam::${ACCOUNT_ID}:root`;

/** An id that ascends with time, as those of Keyfold's records do. */
function recordId(now: number): string {
  return `${now.toString(16).padStart(12, '0')}7000${randomBytes(8).toString('hex')}`;
}

function openDatabase(file: string): BetterSqlite3.Database {
  const database = new BetterSqlite3(file);
  database.pragma('journal_mode = wal');
  database.pragma('synchronous = full');
  database.pragma('foreign_keys = on');
  database.pragma('cache_size = -16384');
  return database;
}

function withStorage(database: BetterSqlite3.Database, hasHistory: boolean): Handlers {
  const findDomain = database
    .prepare('select domain_id from domains where account_id = ? and name = ?')
    .pluck();
  const findProfile = database
    .prepare('select 1 from profiles where domain_id = ? and profile_id = ? and expires_at > ?')
    .pluck();
  const insertKey = database.prepare(
    "insert into profile_keys values (?, ?, ?, ?, 'API', '', null) on conflict do nothing",
  );
  const insertHistory = database.prepare(
    "insert into profile_history values (?, ?, ?, '_profile', 'ADDED_PROFILE_KEY', null, ?, ?, ?)",
  );
  // A cross join keeps its order: SQLite would otherwise go through the profiles of the domain.
  const searchKey = database
    .prepare(
      `select profile.profile_id, profile.document
      from (
        select distinct profile_id from profile_keys
        where domain_id = ? and key_name = ? and key_value = ? order by profile_id limit ${PAGE_SIZE}
      ) as holder
      cross join profiles as profile on profile.domain_id = ? and profile.profile_id = holder.profile_id
      where profile.expires_at > ? order by profile.profile_id`,
    )
    .raw();
  const addKey = database.transaction((domainName: string, input: KeyInput): boolean => {
    const { ProfileId, KeyName, Values } = input;
    const now = Date.now();
    const domainId = findDomain.get(ACCOUNT_ID, domainName);
    if (domainId === undefined || findProfile.get(domainId, ProfileId, now) === undefined)
      return false;
    let added = 0;
    for (const value of Values) added += insertKey.run(domainId, ProfileId, KeyName, value).changes;
    if (added === 0 || !hasHistory) return true;
    const content = JSON.stringify({ KeyName, Values });
    insertHistory.run(domainId, ProfileId, recordId(now), ARN, content, now);
    return true;
  });
  return {
    addKey: addKey.immediate,
    search(domainName, keyName, value) {
      const domainId = findDomain.get(ACCOUNT_ID, domainName);
      if (domainId === undefined) return undefined;
      const normal = keyName === '_email' ? value.normalize('NFC').trim().toLowerCase() : value;
      const rows = searchKey.all(domainId, keyName, normal, domainId, Date.now()) as [
        string,
        string,
      ][];
      const foundBy = JSON.stringify([{ KeyName: keyName, Values: [value] }]);
      // The document is JSON already: what is around it is put there as text.
      const items = rows.map(
        ([id, document]) =>
          `{"ProfileId":"${id}",${document.slice(1, -1)},"FoundByItems":${foundBy}}`,
      );
      return `{"Items":[${items.join(',')}]}`;
    },
  };
}

const withoutStorage: Handlers = { addKey: () => true, search: () => '{"Items":[]}' };

const handlers =
  options.storage === 'no'
    ? withoutStorage
    : withStorage(openDatabase(options.database), options.history === 'yes');

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

const path = /^\/domains\/([^/]+)\/profiles\/(keys|search)$/;

function handle(url: string, body: string): { status: number; text: string } {
  const [, domainName = '', operation] = path.exec(url) ?? [];
  const notFound = { status: 404, text: '{"Message":"Not found"}' };
  if (operation === 'keys') {
    const input = JSON.parse(body) as KeyInput;
    if (!handlers.addKey(domainName, input)) return notFound;
    return { status: 200, text: JSON.stringify({ KeyName: input.KeyName, Values: input.Values }) };
  }
  if (operation !== 'search') return notFound;
  const { KeyName, Values } = JSON.parse(body) as KeyInput;
  const text = handlers.search(domainName, KeyName, Values[0] ?? '');
  return text === undefined ? notFound : { status: 200, text };
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    try {
      const { status, text } = handle(request.url ?? '', body);
      answer(response, status, text);
    } catch {
      answer(response, 500, '{"Message":"Internal error"}');
    }
  });
});

// A machine under load must not make it close connections that are in use.
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  // It listens on an address, not on a pipe.
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`serves http://127.0.0.1:${port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
