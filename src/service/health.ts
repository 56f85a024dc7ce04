import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { Repository } from '../repository/repository.ts';
import type { Lifecycle } from './lifecycle.ts';

/**
 * `/live`: the process answers. `/ready`: it takes requests and its database answers; 503 with the
 * reason otherwise.
 */
export function healthRoutes(repository: Repository, lifecycle: Lifecycle, log: Logger): Hono {
  const routes = new Hono();
  routes.use(async (http, next) => {
    http.header('x-amzn-RequestId', randomUUID());
    if (lifecycle.isStopping) http.header('Connection', 'close');
    await next();
  });
  routes.get('/live', (http) => http.json({ status: 'live' }));
  routes.get('/ready', async (http) => {
    if (lifecycle.isStopping) return http.json({ status: 'stopping' }, 503);
    try {
      await repository.ping();
      return http.json({ status: 'ready' });
    } catch (error) {
      log.error({ err: error }, 'the database does not answer');
      return http.json({ status: 'database unavailable' }, 503);
    }
  });
  return routes;
}
