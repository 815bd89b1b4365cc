import { createHash } from 'node:crypto'
import type { OpenApi } from '@sluice/api'
import { type Schema, schemaText } from './schema-text.ts'

interface Body {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
}
interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly 'x-permission'?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema?: Schema
  }[]
  readonly requestBody?: Body
  readonly responses?: Readonly<Record<string, Body>>
}
interface Listed extends Operation {
  readonly method: string
  readonly path: string
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: light-dark(#ddd, #444); --soft: light-dark(#f5f5f5, #1d1d1d); --dim: light-dark(#595959, #a6a6a6) }
body { margin: 0; display: grid; grid-template-columns: 19rem minmax(0, 60rem); gap: 3rem }
nav { position: sticky; top: 0; box-sizing: border-box; height: 100vh; overflow: auto; padding: 1.5rem 1rem; border-right: 1px solid var(--line); font-size: .875rem }
nav a { display: block; padding: .1rem .5rem; color: inherit; text-decoration: none; overflow-wrap: anywhere } nav code { font-size: .75rem } nav a:hover { text-decoration: underline }
nav strong { display: block; margin: 1rem .5rem .25rem }
main { padding: 1.5rem 1rem 4rem }
h1 { margin: 0 0 .5rem } h2 { margin: 3rem 0 0; text-transform: capitalize; border-bottom: 1px solid var(--line) }
section { scroll-margin-top: 1rem; margin: 1.5rem 0 2rem } h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere }
p { margin: .25rem 0 } small { color: var(--dim) }
code, pre { font: .8125rem/1.5 ui-monospace, monospace }
pre { overflow: auto; margin: .25rem 0 .75rem; padding: .75rem; background: var(--soft); border: 1px solid var(--line); border-radius: 6px }
.method { display: inline-block; min-width: 3.5rem; font-weight: 700 }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .875rem }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line) } th { font-weight: 400; color: var(--dim) }
@media (max-width: 50rem) { body { display: block } nav { position: static; height: auto; border: 0; columns: 2 } }
`

/** Nothing but its own style: no script, no image, no other site, no frame around it. */
export const referencePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** Every route on one page, without a script: it reads the same document that programs do. */
export function referencePage({ info, paths, components }: OpenApi): string {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ ...(one as Operation), method: method.toUpperCase(), path })),
  )
  const nouns = Map.groupBy(all, ({ tags }) => tags?.[0] ?? 'other')
  const schemas = Object.entries(components.schemas) as [string, Schema][]
  const links = [...nouns].map(
    ([noun, list]) =>
      `<strong>${escape(noun)}</strong>${list.map((one) => `<a href="#${idOf(one)}" title="${escape(one.summary ?? '')}"><code>${one.method} ${escape(one.path)}</code></a>`).join('')}`,
  )
  const shapes = schemas.map(([name]) => `<a href="#schema-${escape(name)}">${escape(name)}</a>`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)} API</title>
<style>${style}</style>
<nav aria-label="Routes">${links.join('')}<strong>shapes</strong>${shapes.join('')}</nav>
<main>
<h1>${escape(info.title)} API</h1>
<p>Version ${escape(info.version)}. All routes are below <code>/api</code>; programs read <a href="openapi.json">openapi.json</a>.</p>
<p>A list takes <code>limit</code> and <code>cursor</code>, and answers <code>next</code>: the cursor of the page behind it. A refusal is a <a href="#schema-Problem">Problem</a>, as <code>application/problem+json</code>, with a <code>code</code> that stays the same. A <code>?</code> marks what may be left out.</p>
${[...nouns].map(([noun, list]) => `<h2>${escape(noun)}</h2>\n${list.map(section).join('\n')}`).join('\n')}
<h2>Shapes</h2>
${schemas.map(([name, schema]) => `<section id="schema-${escape(name)}"><h3><code>${escape(name)}</code></h3>${pre(schema)}</section>`).join('\n')}
</main>
</html>`
}

const idOf = ({ method, path }: Listed): string =>
  `${method}-${path}`
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '-')
    .replace(/-$/, '')

function section(one: Listed): string {
  const { method, path, summary = '', description, parameters = [], requestBody, responses = {} } = one
  const rows = parameters.map(
    ({ name, in: place, required, description: says = '', schema = {} }) =>
      `<tr><td><code>${escape(name)}${required ? '' : '?'}</code></td><td><small>${escape(place)}</small></td><td><code>${typeOf(schema)}</code></td><td>${prose(says)}${schema.default === undefined ? '' : ` <small>Default ${escape(JSON.stringify(schema.default))}.</small>`}</td></tr>`,
  )
  const asked = requestBody?.content?.['application/json']?.schema
  const [status, good] = Object.entries(responses).find(([code]) => code !== 'default') ?? []
  const [type, answer] = Object.entries(good?.content ?? {})[0] ?? []
  return `<section id="${idOf(one)}">
<h3><code><span class="method">${escape(method)}</span> ${escape(path)}</code></h3>
<p>${prose(summary)}. <small>Asks for the permission <code>${escape(one['x-permission'] ?? '')}</code>.</small></p>
${description === undefined ? '' : `<p>${prose(description)}</p>`}${rows.length === 0 ? '' : `<table><tr><th>name</th><th>in</th><th>type</th><th></th></tr>${rows.join('')}</table>`}
${asked ? `<p><small>Body</small></p>${pre(asked)}` : ''}${answer?.schema ? `<p><small>Answers ${escape(status ?? '')}, ${escape(type ?? '')}</small></p>${pre(answer.schema)}` : ''}
</section>`
}

/** Text with `code` in it. */
const prose = (text: string): string => escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')

/** Text of a schema in HTML: names of others are links to them. */
function typeOf(schema: Schema): string {
  const text = schemaText(schema, (name) => `[[${name}]]`)
  return escape(text).replaceAll(/\[\[(\w+)\]\]/g, (_, name: string) => `<a href="#schema-${name}">${name}</a>`)
}
const pre = (schema: Schema): string => `<pre>${typeOf(schema)}</pre>`
