/** An import or export that can't be done as it was asked for. `message` is one line for the operator. */
export class TransferRefusedError extends Error {
  override readonly name = 'TransferRefusedError';
}
