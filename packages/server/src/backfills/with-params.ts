import { type Backfill, type LimitClaim, type Run, partitionTag } from '@sluice/core'
import { type BackfillDecision, withoutSome } from '@sluice/engine'
import type { Context } from '../context.ts'
import { readyParams } from '../runs/launch.ts'
import { isAway } from '../schedules/ask-tick.ts'

/** Asks the code for the params of runs of a partitioned job. */
export interface JobParams {
  /** Is somebody there who has the code? */
  has(location: string): Promise<boolean>
  /** The same run with what the code says; `null` where nobody could be asked now. */
  ask(location: string, job: string, run: Run, partition: string): Promise<Run | null>
}

/** How often code is asked again when the process that was asked died: it may have been another's fault. */
const mostAsks = 3
/** Of one backfill at the same time. */
const asksAtOnce = 16

export const paramsFromCode = (context: Context): JobParams => {
  const codeOf = async (location: string) => (await context.locations.active()).find((one) => one.location === location)
  return {
    async has(location) {
      const code = await codeOf(location)
      return code !== undefined && context.connections.has(location, code.version)
    },
    async ask(location, job, run, partition) {
      const code = await codeOf(location)
      if (!code) return null
      for (let asked = 1; ; asked += 1) {
        try {
          const { params, title, tags, limits } = await readyParams(context, code, { target: job, partition })
          const own = new Set(limits?.map(idOf))
          const all = [...(limits ?? []), ...run.terms!.limits.filter((one) => !own.has(idOf(one)))]
          return { ...run, params, title, tags: { ...tags, ...run.tags }, terms: { ...run.terms!, limits: all } }
        } catch (error) {
          if (isAway(error)) return null
          if ((error as { code?: unknown }).code !== 'CHILD_EXITED' || asked === mostAsks) throw error
        }
      }
    },
  }
}

const idOf = ({ name, key }: LimitClaim): string => `${name}\n${key ?? ''}`

/** Does it make runs of which only the code knows the params? */
export const asksCode = ({ plan }: Pick<Backfill, 'plan'>): boolean => plan.parts.some(({ launches }) => launches)

/** The decision with the params of its runs: those of which nobody could be asked are made another time. */
export async function withParams(
  code: JobParams,
  backfill: Backfill,
  decision: BackfillDecision,
  refused: (run: Run, error: Error) => void,
): Promise<BackfillDecision> {
  const { location, plan } = backfill
  const runs = (decision.together ?? []).flatMap((one) => (one.change === 'run.create' ? [one.run] : []))
  const ready = new Map<string, Run>()
  const out = { later: [] as Run[], refused: [] as Run[] }
  const ask = async (run: Run): Promise<void> => {
    try {
      const its = await code.ask(location, plan.job!, run, run.tags[partitionTag]!)
      if (its) ready.set(run.id, its)
      else out.later.push(run)
    } catch (error) {
      refused(run, error as Error)
      out.refused.push(run)
    }
  }
  for (let from = 0; from < runs.length; from += asksAtOnce)
    await Promise.all(runs.slice(from, from + asksAtOnce).map(ask))
  const rest = withoutSome(backfill, decision, out)
  const together = rest.together?.map((one) =>
    one.change === 'run.create' ? { ...one, run: ready.get(one.run.id)! } : one,
  )
  return { ...rest, together: together ?? null }
}
