import type { z } from 'zod';
import { ServiceError } from '../model/errors.ts';
import type { Context, Operation } from '../model/operation.ts';
import { ConflictError, UnavailableError } from '../repository/errors.ts';

/**
 * What the repository can fail with for reasons that no single operation knows of, as an API error; a
 * fault stays what it is.
 */
export function asServiceError(error: unknown): unknown {
  return error instanceof UnavailableError || error instanceof ConflictError
    ? new ServiceError(
        'ServiceUnavailableException',
        'The service is unable to store or read data at the moment. Try again.',
        { cause: error },
      )
    : error;
}

/** Runs an operation on decoded input. */
export async function runOperation<I extends z.ZodType, O extends z.ZodType>(
  operation: Operation<I, O>,
  context: Context,
  input: z.output<I>,
): Promise<z.output<O>> {
  try {
    return await operation.handler(context, input);
  } catch (error) {
    throw asServiceError(error);
  }
}
