/** The packages that send traces are not there. */
export class TracingUnavailableError extends Error {
  override readonly name = 'TracingUnavailableError';
}
