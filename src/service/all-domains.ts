import type { Session } from '../repository/session.ts';

const DOMAINS_PER_PAGE = 100;

/** All domains of a list that comes in pages, by id. */
export async function* allDomains(
  session: Session,
  listPage: (session: Session, after: string, limit: number) => Promise<string[]>,
): AsyncGenerator<string> {
  for (let after = ''; ; ) {
    const page = await listPage(session, after, DOMAINS_PER_PAGE);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < DOMAINS_PER_PAGE) return;
    after = last;
  }
}
