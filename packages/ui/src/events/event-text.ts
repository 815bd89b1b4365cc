import type { SluiceEvent } from '@sluice/core'

/** What an event says beside its type, its run and its asset: a message where it has one, otherwise its facts. */
export function eventText({ data }: Pick<SluiceEvent, 'data'>): string {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return data === null ? '' : String(data)
  const facts = data as Readonly<Record<string, unknown>>
  const { error } = facts
  const said = messageOf(facts) ?? (typeof error === 'object' && error !== null ? messageOf(error) : undefined)
  if (said !== undefined) return said.split('\n')[0]!
  // Of the journal's own concern.
  const given = Object.entries(facts).filter(([name, value]) => value !== null && name !== 'epoch')
  return given.map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ')
}

const messageOf = (facts: object): string | undefined =>
  'message' in facts && typeof facts.message === 'string' && facts.message !== '' ? facts.message : undefined
