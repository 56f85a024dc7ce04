import { buildDomain } from '../domains/build.ts';
import { measureMatching } from '../inside/matching.ts';
import { measureOperation } from '../inside/operations.ts';
import { generate } from '../load/generate.ts';
import { matchNewProfiles } from '../load/match-new-profiles.ts';

/** Everything that a worker can do. */
const tasks = {
  'build-domain': buildDomain,
  generate,
  'match-new-profiles': matchNewProfiles,
  'measure-matching': measureMatching,
  'measure-operation': measureOperation,
};

export type TaskName = keyof typeof tasks;
export type TaskInput<N extends TaskName> = Parameters<(typeof tasks)[N]>[0];
export type TaskOutput<N extends TaskName> = Awaited<ReturnType<(typeof tasks)[N]>>;

/** Does a task by name. */
export async function runTask<N extends TaskName>(
  name: N,
  input: TaskInput<N>,
): Promise<TaskOutput<N>> {
  // The name picks the function that takes this input; the compiler can't follow that.
  const task = tasks[name] as (input: TaskInput<N>) => Promise<TaskOutput<N>>;
  return task(input);
}
