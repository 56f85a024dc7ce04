import type { IncomingMessage } from 'node:http';
import { overloaded } from '../model/errors.ts';
import type { Answer, Answers } from '../protocol/answers.ts';
import type { Repository } from '../repository/repository.ts';
import type { Load } from './load.ts';

/** What is no part of the API is answered however much there is to do: health above all. */
const isOutsideApi = /^\/(?:health\/(?:live|ready)|docs|openapi\.json|metrics)(?:\?|$)/;

/** How requests are refused. */
export interface AdmissionDependencies {
  readonly load: Load;
  readonly repository: Pick<Repository, 'keepUp'>;
  readonly answers: Answers;
  /** Pages of these can read the answer only with what CORS adds, and that is the application's matter. */
  readonly corsOrigins: readonly string[];
}

/**
 * Refuses requests before they are looked at, while there is too much to do: the less a refusal costs, the more is
 * left for what was let in.
 *
 * @returns the answer to a request, or undefined when it is let in.
 */
export function refuseWhenFull({
  load,
  repository,
  answers,
  corsOrigins,
}: AdmissionDependencies): (incoming: IncomingMessage) => Answer | undefined {
  // One for all: to make an error takes as long as the rest of a refusal.
  const refusal = overloaded();
  const origins = new Set(corsOrigins);
  return ({ url = '', headers }) => {
    load.keepUp();
    if (!load.isFull) return undefined;
    repository.keepUp();
    if (isOutsideApi.test(url) || origins.has(headers.origin ?? '')) return undefined;
    load.countRefused();
    return answers.refuse(refusal);
  };
}
