import { type FileHandle, open, stat } from 'node:fs/promises';
import { TransferRefusedError } from './errors.ts';

/** Readable by its owner only: rows are people's data. */
const MODE = 0o600;

async function lengthOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

const NOTHING = Buffer.alloc(0);

/** The bytes of a file from a position on, `max` of them at most. */
async function readFrom(file: string, position: number, max: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(max), 0, max, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** @throws TransferRefusedError when there is something in the file already: it may be somebody's only copy. */
export async function requireNew(file: string): Promise<void> {
  if ((await lengthOf(file)) > 0)
    throw new TransferRefusedError(
      `${file} is there already: move it away, or name another file with --rejects`,
    );
}

/**
 * The file of the rows that could not be taken. How long it is, and what comes next, is stored with the rows that
 * could: whatever stops the process, the file has each rejected row once when the import is through. It is made
 * when there is something to write.
 */
export class RejectFile {
  readonly #file: string;
  #handle: FileHandle | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  async #open(): Promise<FileHandle> {
    this.#handle ??= await open(this.#file, 'a', MODE);
    return this.#handle;
  }

  /**
   * Brings the file to what is stored about it: `bytes` of it, then `text`, of which some may be there already.
   *
   * @throws TransferRefusedError when it is another file.
   */
  async restore(bytes: number, text: string): Promise<void> {
    const length = await lengthOf(this.#file);
    const expected = Buffer.from(text);
    const tail = length > bytes ? await readFrom(this.#file, bytes, expected.length + 1) : NOTHING;
    if (length < bytes || !expected.subarray(0, tail.length).equals(tail))
      throw new TransferRefusedError(
        `${this.#file} isn't what the import had written when it was stopped: name the same file with --rejects`,
      );
    await this.append(expected.subarray(tail.length));
  }

  /** Appends text, on disk when it resolves: the next unit of work says that it is there. */
  async append(text: string | Buffer): Promise<void> {
    if (text.length === 0) return;
    const handle = await this.#open();
    await handle.appendFile(text);
    await handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}
