import { given, textIn } from '../runs/search.ts'

/** What is asked of the events, as the address has it. */
export interface EventsSearch {
  /** A type, or what several begin with: `run.failed`, `tick`. */
  readonly type?: string
  readonly run?: string
  readonly asset?: string
}

export function eventsSearch(search: Record<string, unknown>): EventsSearch {
  const type = textIn(search['type'])
  return given({
    type: type !== undefined && /^[a-z]+(?:\.[a-z]+)?$/.test(type) ? type : undefined,
    run: textIn(search['run']),
    asset: textIn(search['asset']),
  })
}
