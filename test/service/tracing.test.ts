import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { send, startTestService } from '../support/service.ts';

async function startTraced() {
  const exporter = new InMemorySpanExporter();
  const tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const { service } = await startTestService({ tracing });
  return { service, spans: () => exporter.getFinishedSpans() };
}

test('each request is a span with the name of its operation', async () => {
  const { service, spans } = await startTraced();
  await send(service, 'POST', '/domains/customers', { DefaultExpirationDays: 1 });
  const [span] = spans();
  expect(spans()).toHaveLength(1);
  expect(span).toMatchObject({
    name: 'CreateDomain',
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/domains/:DomainName',
      'http.response.status_code': 200,
    },
  });
});

test('a refused request has the code of its error and the id of the log', async () => {
  const { service, spans } = await startTraced();
  const { headers } = await send(service, 'GET', '/domains/none');
  const [span] = spans();
  expect(span?.attributes).toMatchObject({
    'http.response.status_code': 404,
    'http.response.header.x-amzn-errortype': 'ResourceNotFoundException',
    'http.response.header.x-amzn-requestid': headers.get('x-amzn-requestid'),
  });
  // A client's mistake is none of the service's.
  expect(span?.status.code).toBe(SpanStatusCode.UNSET);
});

test('no span repeats what a request says', async () => {
  const { service, spans } = await startTraced();
  const path = '/domains/secret/profile-attributes/secret/values?X-Amz-Signature=secret';
  await send(service, 'GET', path, undefined, { 'x-secret': 'secret' });
  const [span] = spans();
  expect(span?.attributes['url.full']).toBe(service.url);
  expect(JSON.stringify([span?.name, span?.attributes, span?.events])).not.toContain('secret');
});

test('a request to no operation is a span too', async () => {
  const { service, spans } = await startTraced();
  await send(service, 'GET', '/secret');
  expect(JSON.stringify(spans().map(({ name, attributes }) => [name, attributes]))).not.toContain(
    'secret',
  );
  expect(spans()).toHaveLength(1);
});
