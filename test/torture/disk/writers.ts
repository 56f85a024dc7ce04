/** A write that a client has sent. */
export interface Write {
  /** Of its answer, whatever that was; undefined while there is none. */
  requestId: string | undefined;
  status: number | undefined;
  /** Of the answer, when it is an error. */
  errorType: string | undefined;
  /** From the request to its answer. */
  ms: number;
  readonly kind: 'add' | 'remove' | 'create';
  /** The values of the key that it adds or removes, all of them or none. */
  readonly values: readonly string[];
  /** The profile that it creates, once it is answered. */
  profileId: string | undefined;
}

export const DOMAIN = 'customers';
export const KEY = 'card';
/** Each write adds this many values, so that a half-applied one would show. */
const VALUES_PER_WRITE = 3;
const WRITERS = 16;
/** Every so many writes of a writer are the removal of what an earlier one has added, and a new profile. */
const REMOVE_EVERY = 5;
const CREATE_EVERY = 7;

/** Sixteen clients of a server, and what they have sent to it: kept over its restarts. */
export class Writers {
  readonly writes: Write[] = [];
  #profileIds: string[] = [];
  #sessions = 0;

  /** Makes the domain and a profile for each writer. */
  async prepare(url: string): Promise<void> {
    await this.#send(url, `/domains/${DOMAIN}`, { DefaultExpirationDays: 366 });
    const created = Array.from({ length: WRITERS }, () => this.#create(url));
    this.#profileIds = (await Promise.all(created)).map(({ profileId }) => {
      if (profileId === undefined) throw new Error('a profile could not be created');
      return profileId;
    });
  }

  /**
   * Each writer sends so many writes, one after another; it ends early when it gets no answer. Gives what
   * was sent.
   */
  async run(url: string, writesPerWriter: number): Promise<readonly Write[]> {
    const session = this.#sessions++;
    const first = this.writes.length;
    const writer = async (profileId: string, number: number) => {
      for (let count = 0; count < writesPerWriter; count++) {
        const write = await this.#next(url, profileId, `${session}-${number}`, count);
        if (write.status === undefined) return;
      }
    };
    await Promise.all(this.#profileIds.map(writer));
    return this.writes.slice(first);
  }

  #next(url: string, profileId: string, name: string, count: number): Promise<Write> {
    if (count % CREATE_EVERY === CREATE_EVERY - 1) return this.#create(url);
    const isRemoval = count % REMOVE_EVERY === REMOVE_EVERY - 1;
    const token = `${name}-${isRemoval ? count - 1 : count}`;
    const values = Array.from({ length: VALUES_PER_WRITE }, (_, index) => `${token}/${index}`);
    const body = { ProfileId: profileId, KeyName: KEY, Values: values };
    return this.#write(url, `/domains/${DOMAIN}/profiles/keys${isRemoval ? '/delete' : ''}`, body, {
      kind: isRemoval ? 'remove' : 'add',
      values,
    });
  }

  #create(url: string): Promise<Write> {
    const body = { PhoneNumber: '555-333-7777', FirstName: 'Ada' };
    return this.#write(url, `/domains/${DOMAIN}/profiles`, body, { kind: 'create', values: [] });
  }

  async #write(
    url: string,
    path: string,
    body: object,
    what: Pick<Write, 'kind' | 'values'>,
  ): Promise<Write> {
    const write: Write = {
      ...what,
      requestId: undefined,
      status: undefined,
      errorType: undefined,
      ms: 0,
      profileId: undefined,
    };
    this.writes.push(write);
    const startedAt = performance.now();
    const answer = await this.#send(url, path, body).catch(() => undefined);
    write.ms = performance.now() - startedAt;
    if (answer === undefined) return write;
    const { ProfileId } = answer.body as { ProfileId?: string };
    write.requestId = answer.requestId;
    write.status = answer.status;
    write.errorType = answer.errorType;
    write.profileId = ProfileId;
    return write;
  }

  async #send(url: string, path: string, body: object) {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const requestId = answer.headers.get('x-amzn-requestid') ?? undefined;
    const errorType = answer.headers.get('x-amzn-errortype') ?? undefined;
    return { requestId, errorType, status: answer.status, body: await answer.json() };
  }
}
