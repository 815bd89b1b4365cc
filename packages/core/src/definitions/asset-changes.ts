import type { Json } from '../values/json.ts'
import type { AssetSnapshot } from './snapshot.ts'

/** One thing that a definition says, and said before; `null`: nothing of the kind. */
export interface DefinitionChange {
  /** Such as `owners`, `columns.email`, `checks.has_rows`, `edges.raw/orders`. */
  readonly field: string
  readonly before: Json
  readonly after: Json
}

/**
 * What differs between two definitions of an asset, in the order of the fields. Where it is in the code does not count. Of
 * lists of named things (columns, checks, edges, tags) each counts by itself.
 */
export function assetChanges(before: AssetSnapshot, after: AssetSnapshot): readonly DefinitionChange[] {
  const [old, now] = [saysOf(before), saysOf(after)]
  const changes: DefinitionChange[] = []
  for (const field of [...new Set([...old.keys(), ...now.keys()])].toSorted()) {
    const [was, is] = [old.get(field) ?? null, now.get(field) ?? null]
    if (textOf(was) !== textOf(is)) changes.push({ field, before: was, after: is })
  }
  return changes
}

/** What follows from other fields, and where it is. */
const passedOver: ReadonlySet<string> = new Set(['name', 'place', 'upstream', 'runnable', 'external'])

function saysOf(asset: AssetSnapshot): ReadonlyMap<string, Json> {
  const { columns, checks, edges, tags, terms, ...rest } = asset
  const says = new Map<string, Json>()
  const say = (field: string, value: unknown): void => {
    // As it is stored: what JSON leaves out is not said.
    const plain = value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json)
    if (plain !== null && plain !== false) says.set(field, plain)
  }
  for (const [field, value] of Object.entries(rest)) if (!passedOver.has(field)) say(field, value)
  for (const { name, type, nullable } of columns ?? []) say(`columns.${name}`, `${type}${nullable ? '?' : ''}`)
  for (const { name, ...check } of checks) say(`checks.${name}`, check)
  for (const { asset: upstream, ...edge } of edges)
    say(`edges.${upstream}${edge.input === undefined ? '' : ` as ${edge.input}`}`, edge)
  for (const [name, value] of Object.entries(tags ?? {})) say(`tags.${name}`, value)
  for (const [name, value] of Object.entries(terms)) say(name, value)
  return says
}

/** Equal where the values are, whatever the order of their keys. */
function textOf(value: Json): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
