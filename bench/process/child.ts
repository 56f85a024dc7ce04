import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TaskInput, TaskName, TaskOutput } from './tasks.ts';

/** What a worker answers: its process serves one task at a time. */
export type Reply = { readonly value: unknown } | { readonly error: string };

const children = new Set<ChildProcess>();

/** Whatever ends this process, nothing that it started goes on. */
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Ends a process with this one at the latest. */
export function endWithThis(child: ChildProcess): void {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

/** A process that does tasks, so that what is measured and who measures don't share a thread. */
export class Worker {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)));
    endWithThis(this.#child);
  }

  /**
   * Has it do a task.
   *
   * @throws Error with its words when the task fails, or when the process ends.
   */
  async run<N extends TaskName>(name: N, input: TaskInput<N>): Promise<TaskOutput<N>> {
    const child = this.#child;
    const exit = Promise.withResolvers<never>();
    const ended = (code: number | null, signal: string | null) =>
      exit.reject(new Error(`the worker ended with ${code ?? signal} during ${name}`));
    child.once('exit', ended);
    child.send({ name, input });
    try {
      const [reply] = (await Promise.race([once(child, 'message'), exit.promise])) as [Reply];
      if ('error' in reply) throw new Error(`${name}: ${reply.error}`);
      // The worker ran the task of that name.
      return reply.value as TaskOutput<N>;
    } finally {
      child.off('exit', ended);
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}
