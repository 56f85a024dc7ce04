import { readFileSync } from 'node:fs';

/** What a process asked of the system, or an answer that it sent; see disk.c. */
export type TraceRecord =
  | { readonly kind: 'open'; readonly fd: number; readonly path: string; readonly flags: number }
  | { readonly kind: 'close' | 'sync-begun' | 'sync' | 'sync-failed'; readonly fd: number }
  | { readonly kind: 'write'; readonly fd: number; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly fd: number; readonly size: number }
  | { readonly kind: 'unlink' | 'mkdir'; readonly path: string }
  | { readonly kind: 'link' | 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'answer'; readonly requestId: string };

/** In the order of `enum operation` in disk.c. */
const kinds = [
  '',
  'open',
  'close',
  'write',
  'truncate',
  'sync',
  'sync-failed',
  'unlink',
  'link',
  'rename',
  'mkdir',
  'answer',
  'sync-begun',
] as const;
const HEAD_BYTES = 24;

function recordOf(
  kind: (typeof kinds)[number] | undefined,
  fd: number,
  offset: number,
  path: string,
  data: Buffer,
): TraceRecord | undefined {
  switch (kind) {
    case 'open':
      return { kind, fd, path, flags: offset };
    case 'close':
    case 'sync-begun':
    case 'sync':
    case 'sync-failed':
      return { kind, fd };
    case 'write':
      return { kind, fd, offset, data };
    case 'truncate':
      return { kind, fd, size: offset };
    case 'unlink':
    case 'mkdir':
      return { kind, path };
    case 'link':
    case 'rename':
      return { kind, path, to: data.toString() };
    case 'answer': {
      const [, requestId] = /x-amzn-requestid: (\S+)/i.exec(data.toString('latin1')) ?? [];
      // What the process prints goes through a socket as well.
      return requestId === undefined ? undefined : { kind, requestId };
    }
    default:
      throw new Error(`the trace holds no such operation: ${kind}`);
  }
}

/** Reads the trace of one process. */
export function readTrace(file: string): TraceRecord[] {
  const bytes = readFileSync(file);
  const records: TraceRecord[] = [];
  for (let position = 0; position < bytes.length; ) {
    const kind = kinds[bytes.readUInt32LE(position)];
    const fd = bytes.readInt32LE(position + 4);
    const offset = Number(bytes.readBigUInt64LE(position + 8));
    const pathStart = position + HEAD_BYTES;
    const dataStart = pathStart + bytes.readUInt32LE(position + 16);
    position = dataStart + bytes.readUInt32LE(position + 20);
    const path = bytes.toString('utf8', pathStart, dataStart);
    const record = recordOf(kind, fd, offset, path, bytes.subarray(dataStart, position));
    if (record !== undefined) records.push(record);
  }
  return records;
}
