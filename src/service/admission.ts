import type { IncomingMessage } from 'node:http';
import { overloaded } from '../model/errors.ts';
import type { Answer, Answers } from '../protocol/answers.ts';
import type { Repository } from '../repository/repository.ts';
import type { Load } from './load.ts';

/** What is no part of the API is answered however much there is to do: health above all. */
const isOutsideApi = /^\/(?:health\/|docs|openapi\.json|metrics)/;

/**
 * Refuses requests before they are looked at, while there is too much to do: the less a refusal costs, the more is
 * left for what was let in.
 *
 * @returns the answer to a request, or undefined when it is let in.
 */
export function refuseWhenFull(
  load: Load,
  repository: Pick<Repository, 'keepUp'>,
  answers: Answers,
): (incoming: IncomingMessage) => Answer | undefined {
  // One for all: to make an error takes as long as the rest of a refusal.
  const refusal = overloaded();
  return ({ url = '', headers }) => {
    load.keepUp();
    // A page can read only what CORS lets it, and that is the application's matter.
    const isTaken = !load.isFull || isOutsideApi.test(url) || headers.origin !== undefined;
    if (isTaken) return undefined;
    repository.keepUp();
    return answers.refuse(refusal);
  };
}
