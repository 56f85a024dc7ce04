import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedQuotas } from '../../src/limits/limits.ts';
import { localCaller } from '../../src/model/operation.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { createIds } from '../../src/service/ids.ts';
import { exportDomain } from '../../src/transfer/export-domain.ts';
import type { Format } from '../../src/transfer/formats.ts';
import {
  type ImportEnvironment,
  type ImportRequest,
  importFile,
} from '../../src/transfer/import-file.ts';
import { temporaryFolder } from './folder.ts';
import type { TestStore } from './store.ts';

export const accountId = '000000000000';
/** The clock's beginning, in the form that files have. */
export const now = Date.parse('2026-01-01T00:00:00.000Z');

/** A line of a file of rejects. */
export interface Reject {
  readonly Line: number;
  readonly Profile?: number;
  readonly Reason: string;
  readonly Row?: string;
}

/** Imports and exports of one store, in this process. */
export class Transfers {
  readonly #store: TestStore;
  readonly #folder = temporaryFolder();
  readonly #ids = createIds();
  #files = 0;

  constructor(store: TestStore) {
    this.#store = store;
  }

  /** A file with that text; gives its path. */
  file(text: string | Buffer, format: Format = 'ndjson'): string {
    const path = join(this.#folder, `${this.#files++}.${format}`);
    writeFileSync(path, text);
    return path;
  }

  environment(domainName: string, overrides: Partial<ImportEnvironment> = {}): ImportEnvironment {
    const caller = localCaller(accountId, 'us-east-1');
    return {
      repository: this.#store.repository,
      domain: { accountId, domainName },
      context: () => ({
        caller,
        ids: this.#ids,
        quotas: publishedQuotas,
        now: this.#store.clock.now,
      }),
      isStopped: () => false,
      onBegin: () => {},
      onProgress: () => {},
      ...overrides,
    };
  }

  /** Imports a file; the rejects go beside it. */
  async importFile(
    domainName: string,
    file: string,
    request: Partial<ImportRequest> = {},
    overrides: Partial<ImportEnvironment> = {},
  ) {
    const format: Format = file.endsWith('.csv') ? 'csv' : 'ndjson';
    const rejectsFile = `${file}.rejects`;
    const all = { file, format, rejectsFile, isAgain: false, ...request };
    return importFile(this.environment(domainName, overrides), all);
  }

  /** Imports values as lines of NDJSON; gives what it came to and what was rejected. */
  async importLines(domainName: string, lines: readonly unknown[]) {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    const file = this.file(`${text.join('\n')}\n`);
    const { state } = await this.importFile(domainName, file);
    const { created, updated, rejected } = state;
    return { created, updated, rejected, rejects: rejected > 0 ? rejectsOf(file) : [] };
  }

  /** The text of an export. */
  async exportText(
    domainName: string,
    format: Format = 'ndjson',
    onWrite: () => Promise<void> = async () => {},
    repository: Repository = this.#store.repository,
  ): Promise<string> {
    let exported = '';
    const write = async (text: string) => {
      exported += text;
      await onWrite();
    };
    const domain = { accountId, domainName };
    const request = { domain, format, now: this.#store.clock.now };
    await exportDomain({ repository, write, onProgress: () => {} }, request);
    return exported;
  }
}

/** What the file of rejects beside a file holds. */
export function rejectsOf(file: string): Reject[] {
  return readFileSync(`${file}.rejects`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Reject);
}
