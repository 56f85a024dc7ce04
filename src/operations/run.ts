import type * as z from 'zod';
import { ServiceError } from '../model/errors.ts';
import type { Context, Operation } from '../model/operation.ts';
import { ConflictError, UnavailableError } from '../repository/errors.ts';

/**
 * Runs work on the repository. What that can fail with for reasons that nobody who uses it knows of
 * becomes an API error here; a fault passes through as it is.
 *
 * @throws ServiceError ServiceUnavailableException.
 */
export async function onRepository<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnavailableError || error instanceof ConflictError)
      throw new ServiceError(
        'ServiceUnavailableException',
        'The service is unable to store or read data at the moment. Try again.',
        { cause: error },
      );
    throw error;
  }
}

/** Runs an operation on decoded input. */
export function runOperation<I extends z.ZodType, O extends z.ZodType>(
  operation: Operation<I, O>,
  context: Context,
  input: z.output<I>,
): Promise<z.output<O>> {
  return onRepository(() => operation.handler(context, input));
}
