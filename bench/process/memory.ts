import { existsSync, readFileSync } from 'node:fs';

/** What Linux tells of a process's memory: what it takes now, or the most that it has taken so far. */
export type MemoryField = 'VmRSS' | 'VmHWM';

/** What a process takes of the memory, in MiB; 0 when it is gone. */
export function memoryMibOf(pid: number | undefined, field: MemoryField): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return 0;
  const [, kib] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(file, 'utf8')) ?? [];
  return Number(kib ?? 0) / 1024;
}
