import { failureCatalogue } from '@watchtower/contracts';
import type { Express } from 'express';
import { documentationPage } from './documentation-page.ts';
import { openApiDocument } from './openapi.ts';
import { endpoints } from './routes/index.ts';

/** `/openapi.json` and the page made from it, `/docs`. Neither asks for a key: they say nothing about the data. */
export function mountDocumentation(app: Express, prefix: string): void {
  const document = openApiDocument(endpoints, prefix);
  const page = documentationPage(endpoints, failureCatalogue, prefix);
  app.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  app.get('/docs', (_request, response) => {
    response
      .set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
      .type('html')
      .send(page);
  });
}
