import { setImmediate } from 'node:timers/promises';

/**
 * How many characters are gone through before other requests have their turn. A turn takes a few
 * milliseconds; one with a document of the largest size, made to be slow, takes fifty.
 */
const TURN_CHARACTERS = 64 * 1024;
/** What a document costs besides its characters: all fields of its type are looked up in it. */
const DOCUMENT_CHARACTERS = 1_024;

/** Goes through documents without keeping others waiting until the last of them. */
export async function* inTurns<T extends { readonly document: string }>(
  documents: readonly T[],
): AsyncGenerator<T> {
  let characters = 0;
  for (const document of documents) {
    if (characters > TURN_CHARACTERS) {
      await setImmediate();
      characters = 0;
    }
    characters += document.document.length + DOCUMENT_CHARACTERS;
    yield document;
  }
}
