import { Hono } from 'hono';
import type { Operation } from '../model/operation.ts';

const CACHED = 'public, max-age=300';

/** What is made of the registry when somebody first asks for it. */
async function build(operations: readonly Operation[], isAuthenticated: boolean) {
  // Nobody who never reads them pays for these.
  const { openApiDocument } = await import('./openapi.ts');
  const { PAGE_SECURITY_POLICY, referencePage } = await import('./page.ts');
  const document = openApiDocument({ operations, isAuthenticated });
  return {
    json: JSON.stringify(document),
    page: referencePage(document),
    policy: PAGE_SECURITY_POLICY,
  };
}

/**
 * `/openapi.json` and `/docs`: what the API is, for programs and for people. They tell nothing about what
 * is stored, and everybody may read them, as with `/health`.
 */
export function referenceRoutes(operations: readonly Operation[], isAuthenticated: boolean): Hono {
  let built: ReturnType<typeof build> | undefined;
  const reference = () => {
    built ??= build(operations, isAuthenticated);
    return built;
  };
  const routes = new Hono();
  routes.get('/openapi.json', async (http) => {
    const { json } = await reference();
    return http.body(json, 200, { 'Content-Type': 'application/json', 'Cache-Control': CACHED });
  });
  routes.get('/docs', async (http) => {
    const { page, policy } = await reference();
    return http.html(page, 200, {
      'Cache-Control': CACHED,
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    });
  });
  return routes;
}
