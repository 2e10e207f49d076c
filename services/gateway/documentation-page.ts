import type { failureCatalogue } from '@watchtower/contracts';
import { z } from 'zod';
import type { Endpoint } from './endpoint.ts';

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: .5rem .8rem }
summary { cursor: pointer }
code, pre { font: 14px/1.45 ui-monospace, monospace }
pre { overflow: auto; background: color-mix(in srgb, currentColor 6%, transparent); padding: .8rem; border-radius: .4rem }
.method { display: inline-block; min-width: 3.2rem; font-weight: 700 }
td, th { text-align: left; vertical-align: top; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid var(--line) }
:target { outline: 2px solid Highlight }
`;

/** One page without scripts or anything from elsewhere. Problems' `type` points at its table of failures. */
export function documentationPage(
  endpoints: readonly Endpoint[],
  failures: typeof failureCatalogue,
  prefix: string,
): string {
  const tags = [...new Set(endpoints.map(({ tag }) => tag))];
  const groups = tags.map((tag) => {
    const those = endpoints.filter((endpoint) => endpoint.tag === tag);
    return `<h2>${tag}</h2>${those.map((endpoint) => endpointSection(endpoint, prefix)).join('')}`;
  });
  const rows = Object.entries(failures).map(
    ([code, { status, title, retryable }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escaped(title)}</td>` +
      `<td>${retryable ? 'may help' : ''}</td></tr>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Watchtower API</title><style>${style}</style>
<h1>Watchtower API</h1>
<p>JSON over HTTP. Send your key as <code>X-API-Key</code> or <code>Authorization: Bearer</code>.
The machine-readable form is <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).
Errors are problem details (RFC 9457) with one of the <a href="#failures">codes below</a>.</p>
${groups.join('\n')}
<h2 id="failures">Failures</h2>
<table><tr><th>Code</th><th>Status</th><th>Meaning</th><th>Trying again</th></tr>${rows.join('')}</table></html>`;
}

function endpointSection(endpoint: Endpoint, prefix: string): string {
  const body = schemaText(endpoint.body, 'input');
  const answers = Object.entries(endpoint.answers).map(
    ([status, { description, schema }]) =>
      `<h4>${status}: ${escaped(description)}</h4><pre>${escaped(schemaText(schema, 'output'))}</pre>`,
  );
  const facts = [
    endpoint.scope === null ? 'No key is needed.' : `Scope <code>${endpoint.scope}</code>.`,
    endpoint.atRoot ? `Also at <code>${escaped(endpoint.path)}</code>.` : '',
    ...Object.entries(endpoint.headers ?? {}).map(([name, text]) => `<code>${name}</code>: ${escaped(text)}`),
    endpoint.failures.length === 0
      ? ''
      : `Failures: ${endpoint.failures.map((code) => `<a href="#${code}">${code}</a>`).join(', ')}.`,
  ].filter(Boolean);
  return `<details><summary><span class="method">${endpoint.method.toUpperCase()}</span>
<code>${escaped(prefix + endpoint.path)}</code> — ${escaped(endpoint.summary)}</summary>
<p>${escaped(endpoint.description ?? '')}</p><p>${facts.join('<br>')}</p>
${section('Query', schemaText(endpoint.query, 'input'))}
${endpoint.method === 'post' ? section('Body', body) : ''}${answers.join('')}</details>`;
}

const section = (title: string, schema: string): string =>
  schema.includes('"properties": {}') ? '' : `<h4>${title}</h4><pre>${escaped(schema)}</pre>`;

function schemaText(schema: z.ZodType, io: 'input' | 'output'): string {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return JSON.stringify(rest, null, 2);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign);
