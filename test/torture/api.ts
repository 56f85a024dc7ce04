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

/** The same where nothing may go wrong. @throws Error when the answer isn't 200. */
export async function callWell(
  url: string,
  method: string,
  path: string,
  body: object,
): Promise<Reply['body']> {
  const reply = await call(url, method, path, body);
  if (reply?.status === 200) return reply.body;
  throw new Error(`${method} ${path} was answered ${JSON.stringify(reply)}`);
}
