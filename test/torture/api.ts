/** An answer, or undefined where the server went away: whether the request was applied, nobody knows. */
export type Reply = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** Sends a request as it is, without the SDK's retries. */
export async function call(
  url: string,
  method: string,
  path: string,
  body: object,
): Promise<Reply | undefined> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Reply['body'] };
  } catch {
    return undefined;
  }
}

/** How often, and how long after each other, a request is sent that the service can't take now. */
const TRIES_MAX = 20;
const TRY_AGAIN_MS = 250;

/**
 * The same for what a run needs. A machine that is held up may refuse it for a while.
 *
 * @throws Error when the answer isn't 200 in the end.
 */
export async function callWell(
  url: string,
  method: string,
  path: string,
  body: object,
): Promise<Reply['body']> {
  for (let tries = 1; ; tries++) {
    const reply = await call(url, method, path, body);
    if (reply?.status === 200) return reply.body;
    if (reply?.status !== 503 || tries >= TRIES_MAX)
      throw new Error(`${method} ${path} was answered ${JSON.stringify(reply)}`);
    await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
  }
}
