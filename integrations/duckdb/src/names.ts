import { createHash } from 'node:crypto'
import type { Slot } from '@sluice/core'

/** The one way that a name becomes part of SQL. */
export function quote(...names: readonly string[]): string {
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join('.')
}

/** Text for the few statements that take no bound values: views, and the paths of files in them. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Where our own tables are: what people look at are the views in other schemas. */
export const SCHEMA = 'sluice'

/** Any number of names, bound as one JSON list. */
export const listed = `(select unnest(from_json($1::json, '["VARCHAR"]')))`

/**
 * The name of a slot's table or file: `marts/revenue@2026-01-01__r3k9_1_12_1`. No two attempts share one, and no two
 * assets and partitions do: whatever could be taken for a separator is escaped.
 */
export function slotName(name: string, partition: string | null, slot: Slot): string {
  return `${placeName(name, partition)}__${slotSuffix(slot)}`
}

export function slotSuffix(slot: Slot): string {
  return `${slot.run}_${slot.epoch}_${slot.step}_${slot.attempt}`
}

/** The slot in a name that `slotName` or `slotSuffix` gave. */
export function slotOf(name: string): Slot | undefined {
  const match = /(?:^|__)([a-zA-Z0-9-]+)_(\d+)_(\d+)_(\d+)$/.exec(name)
  if (!match) return undefined
  const [, run, epoch, step, attempt] = match
  return { run: run!, epoch: Number(epoch), step: Number(step), attempt: Number(attempt) }
}

function placeName(name: string, partition: string | null): string {
  const path = name.split('/').map(segment).join('/')
  return partition === null ? path : `${path}@${segment(partition)}`
}

/** A name as one segment of a path, on any file system: readable where it can be, never `..`, never too long. */
export function segment(name: string): string {
  const escaped = encodeURIComponent(name).replaceAll(
    /[*'!~()]|^\.|\.$/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  if (escaped.length > 0 && escaped.length <= 120) return escaped
  return `${escaped.slice(0, 80)}%${createHash('sha256').update(name).digest('hex').slice(0, 24)}`
}

/** What people see: `marts/revenue` is the view `"marts"."revenue"`, a name without a folder is in `main`. */
export function viewName(asset: string): { readonly schema: string; readonly name: string } {
  const at = asset.lastIndexOf('/')
  const schema = at < 0 ? 'main' : asset.slice(0, at)
  // Our own schema stays ours.
  return { schema: schema.toLowerCase() === SCHEMA ? `${schema}/` : schema, name: asset.slice(at + 1) }
}
