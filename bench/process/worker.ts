import type { Reply } from './child.ts';
import { runTask, type TaskName } from './tasks.ts';

/** Does the tasks that its parent sends, until that disconnects. */
process.on('message', async ({ name, input }: { name: TaskName; input: never }) => {
  let reply: Reply;
  try {
    reply = { value: await runTask(name, input) };
  } catch (error) {
    reply = { error: (error as Error).stack ?? String(error) };
  }
  process.send?.(reply);
});
