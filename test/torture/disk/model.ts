import { constants } from 'node:fs';
import { dirname } from 'node:path';
import type { TraceRecord } from './trace.ts';

/** A change of a file that is not known to be on disk. */
export type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly size: number };

/** A change of a name that is not known to be on disk: `node` is what it names from then on. */
export interface NameChange {
  readonly path: string;
  readonly node: Node | undefined;
}

export type Node = FileModel | 'folder';

/** Bytes that grow. */
export class Content {
  #bytes: Buffer;
  #size: number;

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#bytes = Buffer.from(bytes);
    this.#size = bytes.length;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  /** What lies between the end and a later offset reads as zeros, as in a file. */
  write(offset: number, data: Buffer): void {
    this.#grow(offset + data.length);
    data.copy(this.#bytes, offset);
    this.#size = Math.max(this.#size, offset + data.length);
  }

  truncate(size: number): void {
    this.#grow(size);
    this.#bytes.fill(0, Math.min(size, this.#size), Math.max(size, this.#size));
    this.#size = size;
  }

  apply(change: Change): void {
    if (change.kind === 'write') this.write(change.offset, change.data);
    else this.truncate(change.size);
  }

  #grow(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = Buffer.alloc(2 * size);
    this.#bytes.copy(larger, 0, 0, this.#size);
    this.#bytes = larger;
  }
}

export class FileModel {
  /** What the disk has for certain. */
  readonly durable = new Content();
  /** What programs read: the system's memory of the file. */
  readonly current = new Content();
  pending: Change[] = [];

  change(change: Change): void {
    this.current.apply(change);
    this.pending.push(change);
  }

  /** A sync has ended that began when these changes were made. */
  sync(covered: ReadonlySet<object>): void {
    for (const change of this.pending) if (covered.has(change)) this.durable.apply(change);
    this.pending = this.pending.filter((change) => !covered.has(change));
  }

  /**
   * Linux takes what could not be written for written: no later sync tries it again. One that is on its way may
   * have it written.
   */
  failSync(others: readonly ReadonlySet<object>[]): void {
    this.pending = this.pending.filter((change) => others.some((covered) => covered.has(change)));
  }
}

/**
 * What a disk and the system's memory of it hold while a trace goes on. A change of a file is on disk once
 * the file is synced, and a change of a name once its folder is; anything else may be there or not.
 */
export class DiskModel {
  /** Names that the disk has for certain, and those that programs see. */
  readonly durable = new Map<string, Node>();
  readonly current = new Map<string, Node>();
  #pendingNames: NameChange[] = [];
  #open = new Map<number, { path: string; node: Node }>();
  /** What the syncs will have covered that are on their way, by descriptor. */
  #syncs = new Map<number, ReadonlySet<object>>();

  /** @param root the folder that holds it all, which is there for certain. */
  constructor(root: string) {
    this.durable.set(root, 'folder');
    this.current.set(root, 'folder');
  }

  get pendingNames(): readonly NameChange[] {
    return this.#pendingNames;
  }

  /** A process has ended: the next one's descriptors are its own. */
  endProcess(): void {
    this.#open.clear();
    this.#syncs.clear();
  }

  apply(record: TraceRecord): void {
    switch (record.kind) {
      case 'open':
        this.#openFile(record.fd, record.path, record.flags);
        break;
      case 'close':
        this.#open.delete(record.fd);
        break;
      case 'write':
      case 'truncate':
        this.#fileOf(record.fd).change(record);
        break;
      case 'sync-begun': {
        const { node } = this.#openedOf(record.fd);
        const pending: readonly object[] = node === 'folder' ? this.#pendingNames : node.pending;
        this.#syncs.set(record.fd, new Set(pending));
        break;
      }
      case 'sync':
        this.#sync(record.fd);
        break;
      case 'sync-failed': {
        const { node } = this.#openedOf(record.fd);
        this.#syncs.delete(record.fd);
        if (node !== 'folder') node.failSync([...this.#syncs.values()]);
        break;
      }
      case 'mkdir':
        this.#name(record.path, 'folder');
        break;
      case 'unlink':
        this.#name(record.path, undefined);
        break;
      case 'link':
        this.#name(record.to, this.current.get(record.path));
        break;
      case 'rename':
        this.#name(record.to, this.current.get(record.path));
        this.#name(record.path, undefined);
        break;
      case 'answer':
        break;
    }
  }

  #openedOf(fd: number): { path: string; node: Node } {
    const opened = this.#open.get(fd);
    if (opened === undefined) throw new Error(`the trace uses descriptor ${fd}, which is not open`);
    return opened;
  }

  #fileOf(fd: number): FileModel {
    const { node, path } = this.#openedOf(fd);
    if (node === 'folder') throw new Error(`the trace writes the folder ${path}`);
    return node;
  }

  #openFile(fd: number, path: string, flags: number): void {
    let node = this.current.get(path);
    if (node === undefined) {
      if ((flags & constants.O_CREAT) === 0) throw new Error(`the trace opens ${path} unmade`);
      node = new FileModel();
      this.#name(path, node);
    }
    if ((flags & constants.O_TRUNC) !== 0 && node !== 'folder')
      node.change({ kind: 'truncate', size: 0 });
    this.#open.set(fd, { path, node });
  }

  #name(path: string, node: Node | undefined): void {
    if (node === undefined) this.current.delete(path);
    else this.current.set(path, node);
    this.#pendingNames.push({ path, node });
  }

  #sync(fd: number): void {
    const { node, path } = this.#openedOf(fd);
    const covered = this.#syncs.get(fd);
    if (covered === undefined)
      throw new Error(`the trace ends a sync of ${path} that has not begun`);
    this.#syncs.delete(fd);
    if (node !== 'folder') {
      node.sync(covered);
      return;
    }
    const isSynced = (change: NameChange) => covered.has(change) && dirname(change.path) === path;
    for (const change of this.#pendingNames.filter(isSynced)) applyName(this.durable, change);
    this.#pendingNames = this.#pendingNames.filter((change) => !isSynced(change));
  }
}

export function applyName(names: Map<string, Node>, { path, node }: NameChange): void {
  if (node === undefined) names.delete(path);
  else names.set(path, node);
}
