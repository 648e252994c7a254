interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly description?: string
    readonly schema: unknown
  }[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
}
type Content = Readonly<Record<string, { readonly schema?: unknown }>>

/** A kind of problem as the page shows it; its place there is its `type`. */
export interface DocumentedProblem {
  readonly type: string
  readonly status: number
  readonly title: string
}

/** The document as a page to read, without a script: it is ours alone, works offline and in any browser. */
export function docsPage(
  document: Readonly<Record<string, unknown>>,
  problems: readonly DocumentedProblem[],
): string {
  const paths = document.paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>
  const { schemas } = document.components as { readonly schemas: Readonly<Record<string, unknown>> }
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      ...operation,
    })),
  )
  const tags = [...new Set(operations.flatMap((operation) => operation.tags))]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API · asinstream</title>
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<a class="skip" href="#main">Skip to the API</a>
<header><h1><a href="/">asinstream</a> API</h1><p><a href="/openapi.json">openapi.json</a></p></header>
<main id="main">
<nav aria-label="Operations">${tags
    .map(
      (tag) =>
        `<h2>${escaped(tag)}</h2><ul>${operations
          .filter((operation) => operation.tags.includes(tag))
          .map(
            ({ operationId, method, path }) =>
              `<li><a href="#${operationId}"><code>${method} ${escaped(path)}</code></a></li>`,
          )
          .join('')}</ul>`,
    )
    .join(
      '',
    )}<h2>More</h2><ul><li><a href="#problems">Problems</a></li><li><a href="#schemas">Schemas</a></li></ul></nav>
${operations.map(section).join('\n')}
<section aria-labelledby="problems"><h2 id="problems">Problems</h2>
<p>Whatever is not as asked for is answered as <code>application/problem+json</code> (RFC 9457). <code>type</code> is what
programs tell problems apart by: it never changes its meaning. <code>detail</code> says what is wrong and what to do, and
<code>errors</code> which fields. The header <code>link</code> of such an answer leads here.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Problems"><table><thead><tr><th scope="col">Type</th><th scope="col">Status</th><th scope="col">What</th></tr></thead><tbody>
${problems
  .map(
    ({ type, status, title }) =>
      `<tr id="${escaped(type)}"><td><code>${escaped(type)}</code></td><td>${status}</td><td>${escaped(title)}</td></tr>`,
  )
  .join('\n')}
</tbody></table></div>
</section>
<section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>
${Object.entries(schemas)
  .map(
    ([id, schema]) =>
      `<details id="schema-${escaped(id)}"><summary>${escaped(id)}</summary>${json(schema)}</details>`,
  )
  .join('\n')}
</section>
</main>
</body>
</html>
`
}

function section(operation: Operation & { readonly path: string; readonly method: string }): string {
  const {
    operationId,
    method,
    path,
    summary,
    description,
    parameters = [],
    requestBody,
    responses,
  } = operation
  return `<section aria-labelledby="${operationId}">
<h2 id="${operationId}"><code>${method} ${escaped(path)}</code></h2>
<p>${prose(summary)}${description ? ` ${prose(description)}` : ''}</p>
${
  parameters.length === 0
    ? ''
    : `<div class="scroll" tabindex="0" role="region" aria-label="Parameters of ${operationId}"><table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">What</th></tr></thead><tbody>${parameters
        .map(
          (one) =>
            `<tr><td><code>${escaped(one.name)}</code>${one.required ? ' *' : ''}</td><td>${one.in}</td><td>${prose(one.description ?? '')} ${shape(one.schema)}</td></tr>`,
        )
        .join('')}</tbody></table></div>`
}
${requestBody ? `<h3>Body${requestBody.required ? '' : ', optional'}</h3>${content(requestBody.content)}` : ''}
<h3>Answers</h3>
<dl>${Object.entries(responses)
    .map(
      ([status, answer]) =>
        `<dt>${status}</dt><dd>${prose(answer.description)}${Number(status) < 400 && answer.content ? content(answer.content) : ''}</dd>`,
    )
    .join('')}</dl>
</section>`
}

const content = (types: Content): string =>
  Object.entries(types)
    .map(
      ([type, { schema }]) =>
        `<p><code>${escaped(type)}</code> ${schema === undefined ? '' : shape(schema)}</p>`,
    )
    .join('')

function shape(schema: unknown): string {
  const { $ref, type, enum: values } = schema as { $ref?: string; type?: unknown; enum?: readonly unknown[] }
  if ($ref !== undefined) {
    const id = escaped($ref.split('/').at(-1) ?? '')
    return `<a href="#schema-${id}">${id}</a>`
  }
  if (values) return `<code>${escaped(values.join(' | '))}</code>`
  const simple = ['string', 'integer', 'number', 'boolean'].includes(String(type))
  return simple
    ? `<code>${escaped(String(type))}</code>`
    : `<details><summary>shape</summary>${json(schema)}</details>`
}

const json = (value: unknown): string => `<pre tabindex="0">${escaped(JSON.stringify(value, null, 2))}</pre>`

/** Text with `code` in backticks. */
const prose = (text: string): string => escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
