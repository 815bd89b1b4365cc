import type { Json } from '../values/json.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { Metadata, MetadataValue } from './materialization.ts'

/** What `metadata({ … })` takes: a typed value of `meta`, or something whose type can be told by looking. */
export type MetadataInput = MetadataValue | number | string | boolean | Date | Temporal.Instant | URL | Json

/** Typed metadata: says what a value is where looking at it does not tell. */
export const meta = Object.freeze({
  number: (value: number): MetadataValue => ({ type: 'number', value }),
  text: (value: string): MetadataValue => ({ type: 'text', value }),
  /** Shown rendered; HTML in it is not. */
  markdown: (value: string): MetadataValue => ({ type: 'markdown', value }),
  url: (value: string | URL): MetadataValue => ({ type: 'url', value: String(value) }),
  path: (value: string): MetadataValue => ({ type: 'path', value }),
  json: (value: Json): MetadataValue => ({ type: 'json', value }),
  timestamp: (value: Date | Temporal.Instant | number): MetadataValue => ({ type: 'timestamp', value: epoch(value) }),
  table: (rows: readonly Readonly<Record<string, Json>>[]): MetadataValue => ({ type: 'table', rows }),
  schema: (columns: readonly { name: string; type: string; description?: string }[]): MetadataValue => ({
    type: 'schema',
    columns,
  }),
  /** For each column, the upstream columns it was computed from. */
  columnLineage: (columns: Readonly<Record<string, readonly { asset: string; column: string }[]>>): MetadataValue => ({
    type: 'columnLineage',
    columns,
  }),
  /** `data` is base64 text, or the bytes. An SVG's text goes in as bytes too. */
  image: (mediaType: string, data: string | Uint8Array): MetadataValue => ({
    type: 'image',
    mediaType,
    data: typeof data === 'string' ? data : data.toBase64(),
  }),
})

const types = new Set([
  'number',
  'text',
  'markdown',
  'url',
  'path',
  'json',
  'timestamp',
  'boolean',
  'table',
  'schema',
  'columnLineage',
  'image',
])

/** Gives every entry its type. What is no metadata (a function, a class instance) is refused, with its name. */
export function toMetadata(input: Readonly<Record<string, unknown>>): Metadata {
  const metadata: Record<string, MetadataValue> = {}
  for (const [name, value] of Object.entries(input)) metadata[name] = typed(name, value)
  return metadata
}

function typed(name: string, value: unknown): MetadataValue {
  if (typeof value === 'number' && Number.isFinite(value)) return { type: 'number', value }
  if (typeof value === 'string') return { type: 'text', value }
  if (typeof value === 'boolean') return { type: 'boolean', value }
  if (value instanceof Date || value instanceof Temporal.Instant) return meta.timestamp(value)
  if (value instanceof URL) return meta.url(value)
  if (typeof value === 'object' && value !== null && types.has((value as { type?: string }).type ?? ''))
    return value as MetadataValue
  const json = toJson(value)
  if (json !== undefined) return { type: 'json', value: json }
  throw new SluiceError(
    'DEFINITION_INVALID',
    `Metadata "${name}" is neither JSON nor one of meta.…: ${typeof value}.`,
    {
      hint: 'Give a number, a text, JSON, a Date, a URL, or meta.markdown(…), meta.table(…) and so on.',
    },
  )
}

function toJson(value: unknown): Json | undefined {
  try {
    const text = JSON.stringify(value)
    return text === undefined ? undefined : (JSON.parse(text) as Json)
  } catch {
    return undefined
  }
}

function epoch(value: Date | Temporal.Instant | number): number {
  return typeof value === 'number' ? value : value instanceof Date ? value.getTime() : value.epochMilliseconds
}
