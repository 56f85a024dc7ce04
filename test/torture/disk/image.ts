import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import {
  applyName,
  type Change,
  Content,
  type DiskModel,
  type FileModel,
  type Node,
} from './model.ts';

/** A number from 0 up to `below`, that one not included. */
export type Random = (below: number) => number;

/**
 * What a power cut leaves of what was not synced. `lost`: nothing. `kept`: all of it. `cut`: all up to some
 * moment, with the write of that moment torn. `subset`: each change by chance. `torn`: each sector of each
 * change by chance; where a file had grown and its bytes didn't come, what lay there before.
 */
export const losses = ['lost', 'kept', 'cut', 'subset', 'torn'] as const;
export type Loss = (typeof losses)[number];

/** What disks write whole at least. */
const SECTOR_BYTES = 512;

/** The files that a disk holds after a power cut, by path. */
export type Image = ReadonlyMap<string, Buffer>;

function noise(bytes: number, random: Random): Buffer {
  const value = Math.floor(random(256));
  return Buffer.alloc(bytes, value);
}

/** Applies the sectors of a write of which chance keeps some. */
function writeTorn(content: Content, change: Change, chance: number, random: Random): void {
  if (change.kind === 'truncate') {
    if (random(1) < chance) content.apply(change);
    return;
  }
  const { offset, data } = change;
  for (let start = 0; start < data.length; ) {
    const end = Math.min(data.length, start + SECTOR_BYTES - ((offset + start) % SECTOR_BYTES));
    const [isKept, isNoise] = [random(1) < chance, random(1) < chance];
    if (isKept) content.write(offset + start, data.subarray(start, end));
    // The size was on disk before the bytes were.
    else if (isNoise && offset + end > content.bytes.length)
      content.write(offset + start, noise(end - start, random));
    start = end;
  }
}

function afterCut(file: FileModel, loss: Loss, random: Random): Content {
  const content = new Content(file.durable.bytes);
  const { pending } = file;
  const cut = Math.floor(random(pending.length + 1));
  const chance = [0.1, 0.5, 0.9][Math.floor(random(3))] ?? 0.5;
  for (const [index, change] of pending.entries())
    switch (loss) {
      case 'lost':
        break;
      case 'kept':
        content.apply(change);
        break;
      case 'cut':
        if (index < cut) content.apply(change);
        else if (index === cut) writeTorn(content, change, 0.5, random);
        break;
      case 'subset':
        if (random(1) < chance) content.apply(change);
        break;
      case 'torn':
        writeTorn(content, change, chance, random);
        break;
    }
  return content;
}

/** Of the changes of each name, those up to some moment. */
function namesAfterCut(disk: DiskModel, loss: Loss, random: Random): Map<string, Node> {
  const names = new Map(disk.durable);
  if (loss === 'lost') return names;
  const over = new Set<string>();
  for (const change of disk.pendingNames) {
    if (loss !== 'kept' && random(1) < 0.5) over.add(change.path);
    if (!over.has(change.path)) applyName(names, change);
  }
  return names;
}

function isReachable(names: ReadonlyMap<string, Node>, path: string, root: string): boolean {
  for (let folder = dirname(path); folder !== root; folder = dirname(folder))
    if (names.get(folder) !== 'folder') return false;
  return true;
}

/** The index that SQLite keeps of its log, in its own format: two copies of a header, and a count. */
const INDEX_BYTES = 32_768;
const INDEX_HEADER_BYTES = 48;
const INDEX_FRAMES_MAX = 1_000;

/**
 * What a disk may have of the index. SQLite maps it and never syncs it: it is of any moment, and of an
 * earlier log, or nothing that has a meaning.
 */
function staleIndex(random: Random): Buffer {
  if (random(1) < 0.5) return noise(INDEX_BYTES, random);
  const index = Buffer.alloc(INDEX_BYTES);
  index[12] = 1;
  index.writeUInt32LE(1 + Math.floor(random(INDEX_FRAMES_MAX)), 16);
  index.copy(index, INDEX_HEADER_BYTES, 0, INDEX_HEADER_BYTES);
  return index;
}

/**
 * What the disk holds after a power cut now.
 *
 * @param root the folder that the model was made for; what it holds is named relative to it.
 */
export function imageOf(disk: DiskModel, root: string, loss: Loss, random: Random): Image {
  const names = namesAfterCut(disk, loss, random);
  const image = new Map<string, Buffer>();
  // A file may have two names, and has the same content by both.
  const contents = new Map<FileModel, Buffer>();
  for (const [path, node] of names) {
    if (node === 'folder' || !isReachable(names, path, root)) continue;
    let content = contents.get(node);
    if (content === undefined) {
      content = afterCut(node, loss, random).bytes;
      contents.set(node, content);
    }
    const bytes = path.endsWith('-shm') ? staleIndex(random) : content;
    image.set(relative(root, path), bytes);
  }
  return image;
}

/** Writes an image into a folder, as if it were of a time before the machine was started. */
export function writeImage(image: Image, folder: string): void {
  for (const [name, bytes] of image) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
    utimesSync(join(folder, name), 0, 0);
  }
}
