import pg from 'pg'

export type Execute = (text: string, values?: readonly unknown[]) => Promise<{ rows: object[] }>

/** What a bench sees of the statements of this process, and may add to a transaction of the store before it commits. */
export interface Watched {
  /** How many statements were sent since the last reset. */
  count(): number
  reset(): void
  /** Called with what each statement of a transaction says. */
  onStatement: ((text: string, values: readonly unknown[]) => void) | null
  /** What goes into the transaction that is about to be committed; `null` for nothing. */
  beforeCommit: (() => ((execute: Execute) => Promise<void>) | null) | null
}

type Config = { readonly text: string; readonly values?: readonly unknown[] }
type Query = (this: unknown, config: string | Config, ...rest: unknown[]) => Promise<{ rows: object[] }>

/** Watches every connection that is made in this process from now on. */
export function watchStatements(): Watched {
  let count = 0
  const watched: Watched = {
    count: () => count,
    reset: () => void (count = 0),
    onStatement: null,
    beforeCommit: null,
  }
  const prototype = pg.Client.prototype as unknown as { query: Query }
  const send = prototype.query
  prototype.query = function query(config, ...rest) {
    const text = typeof config === 'string' ? config : config.text
    count += 1
    const values = typeof config === 'string' ? [] : (config.values ?? [])
    watched.onStatement?.(text, values)
    const more = text === 'commit' ? watched.beforeCommit?.() : null
    if (!more) return send.call(this, config, ...rest)
    const execute: Execute = (its, bound = []) => {
      count += 1
      return send.call(this, { text: its, values: bound })
    }
    return more(execute).then(() => send.call(this, config, ...rest))
  }
  return watched
}
