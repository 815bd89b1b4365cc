import type { ConditionSaid } from '@sluice/api/workers'
import type { Entity, Questions } from '@sluice/core'
import type { FactsInput } from '@sluice/engine'
import type { Context } from '../context.ts'
import type { ActiveCode } from '../locations/locations.ts'
import { isAway } from '../schedules/ask-tick.ts'

/** How long the code may take to say of all assets whether a condition holds. */
const within = 30_000
/** Until nobody to ask is asked again. */
const wait = 1_000

interface Asked {
  readonly name: string
  readonly every: number
  readonly entities: ReadonlySet<Entity>
  nextAt: number
  busy: boolean
  /** Was it answered, or refused, at all? */
  isSettled: boolean
}

export interface Customs {
  /** What the code said last, by the name of the condition and the id of the entity. */
  readonly said: FactsInput['customs']
  /** Has every condition been asked once? Before that nobody knows what it says. */
  isSettled(): boolean
  /** Asks what is due; gives the entities of which something else was said since the last time. */
  pass(): ReadonlySet<string>
  stop(): Promise<void>
}

/** Asks user code for its own conditions, every so often, by a worker that has it: the evaluation itself is pure. */
export function openCustoms(
  {
    context,
    codes,
    say,
  }: {
    context: Pick<Context, 'now'> & { readonly connections: Pick<Context['connections'], 'ask'> }
    codes: ReadonlyMap<string, ActiveCode>
    say: Say
  },
  { customs }: Questions,
): Customs {
  const said = new Map<string, Map<string, boolean | readonly string[]>>()
  const all = [...customs].map(([name, { every, entities }]): Asked => {
    said.set(name, new Map())
    return { name, every, entities, nextAt: 0, busy: false, isSettled: false }
  })
  const asking = new Set<Promise<void>>()
  let changed = new Set<string>()

  const ask = async (one: Asked): Promise<void> => {
    for (const [location, entities] of Map.groupBy(one.entities, ({ asset }) => asset.location ?? '')) {
      const code = codes.get(location)
      if (!code) continue
      const request = {
        request: 'condition',
        condition: one.name,
        assets: entities.map(({ asset }) => asset.name),
        now: context.now(),
        within,
      } as const
      const answers = (await context.connections.ask(location, code.version, request, within)) as ConditionSaid
      const before = said.get(one.name)!
      for (const [nth, { id }] of entities.entries()) {
        const answer = answers[nth] ?? false
        if (JSON.stringify(before.get(id)) === JSON.stringify(answer)) continue
        before.set(id, answer)
        changed.add(id)
      }
    }
    one.isSettled = true
  }

  const start = (one: Asked): void => {
    one.busy = true
    one.nextAt = context.now() + one.every
    const done = ask(one)
      .catch((error: unknown) => {
        if (isAway(error)) return void (one.nextAt = context.now() + wait)
        one.isSettled = true
        say('error', `Condition "${one.name}" failed, and counts as it was: ${(error as Error).message}`)
      })
      .finally(() => {
        one.busy = false
        asking.delete(done)
      })
    asking.add(done)
  }

  return {
    said,
    isSettled: () => all.every((one) => one.isSettled),
    pass() {
      for (const one of all) if (!one.busy && one.nextAt <= context.now()) start(one)
      const since = changed
      changed = new Set()
      return since
    },
    async stop() {
      await Promise.all(asking)
    },
  }
}

type Say = (level: 'info' | 'warn' | 'error', text: string) => void
