import type { Plan } from './campaign.ts'
import type { Blow } from './disturb.ts'

/** Something that keeps a promise: a change of the source that removes it, and what then must be found out. */
export interface Protection {
  readonly name: string
  /** What it guards against. */
  readonly guards: string
  readonly patches: readonly Patch[]
  readonly plans: readonly Plan[]
}

export interface Patch {
  /** Below `packages/`. */
  readonly file: string
  /** Found exactly once. */
  readonly find: RegExp
  readonly put: string
}

const at = (name: string, nth: number): Blow => ({ at: 'point', env: { SLUICE_CRASH_AT: `${name}:${nth}` } })
const engine = 'engine/src'

export const protections: readonly Protection[] = [
  {
    name: 'ordered-replay',
    guards: 'recorded outcomes come in the order that they had',
    patches: [
      {
        file: `${engine}/steps/replay.ts`,
        find: /called\(recorded, fn, ready\) \{/,
        put: '$& if (!ready) return fn();',
      },
    ],
    plans: [{ scenario: 'branches', blows: [at('outcome-delivered', 14), at('outcome-delivered', 24)] }],
  },
  {
    name: 'one-at-a-time',
    guards: 'outcomes of a first run come one by one, as a replay will deliver them',
    patches: [
      {
        file: `${engine}/steps/replay.ts`,
        find: /live\(seq, fn\) \{/,
        put: '$& last = Math.max(last, seq); return drainedBy(fn);',
      },
    ],
    // Found out only where outcomes of several branches reach one commit: several tries.
    plans: [undefined, undefined, 12, 20, 30, 40].map((nth) => ({
      scenario: 'branches',
      blows: nth ? [at('outcome-made', nth)] : [],
    })),
  },
  {
    name: 'untracked-waits',
    guards: 'an outcome whose call comes after a timer holds back those behind it',
    patches: [{ file: `${engine}/steps/replay.ts`, find: /!next\.tracked && budget > 0/, put: 'false' }],
    plans: [
      { scenario: 'untracked', blows: [at('outcome-made', 15)] },
      { scenario: 'untracked', blows: [] },
    ],
  },
  {
    name: 'epoch-fence',
    guards: 'a process whose run was taken over publishes nothing',
    patches: [
      { file: 'storage/src/runs/fences.ts', find: /if \(head\.epoch !== epoch\) return 'STALE_EPOCH'/, put: '' },
      { file: `${engine}/runs/execute.ts`, find: /run\.epoch !== session\.run\.epoch/, put: 'false' },
    ],
    // Found out only where both write at once: several tries.
    plans: [10, 40, 10, 40, 80].flatMap((later) =>
      [60, 120, 180].map((after) => ({ scenario: 'map', blows: [{ at: 'zombie', after, later }] })),
    ),
  },
  {
    name: 'commit-before-answer',
    guards: 'the code goes on when an outcome is on disk, not before',
    patches: [
      {
        file: 'storage/src/sqlite/store.ts',
        find: /commit\(changes\) \{/,
        put: `$&
      if (changes.every((item) => 'change' in item && item.change === 'step.record')) {
        setTimeout(() => void transaction(changes), 40)
        return Promise.resolve(changes.map(() => ({ ok: true as const })))
      }`,
      },
    ],
    plans: [{ scenario: 'branches', blows: [at('outcome-delivered', 12)] }],
  },
  {
    name: 'failures-are-outcomes',
    guards: 'a caught failure stays caught',
    patches: [
      {
        file: `${engine}/steps/perform.ts`,
        find: /if \(found && isSettled\(found\) &&/,
        put: "$& found.row!.state !== 'failed' &&",
      },
    ],
    plans: [
      { scenario: 'caught', blows: [at('outcome-made', 14), at('outcome-made', 6)] },
      { scenario: 'caught', blows: [] },
    ],
  },
  {
    name: 'retries-are-journaled',
    guards: 'an attempt whose failure is recorded does not run again',
    patches: [
      { file: `${engine}/steps/perform.ts`, find: /isNewRound \|\| waitsForRetry \? 1 : 0/, put: 'isNewRound ? 1 : 0' },
    ],
    plans: [{ scenario: 'retries', blows: [at('retry-recorded', 3)] }],
  },
  {
    name: 'parents-first',
    guards: 'what is committed below a step that is not is found again',
    patches: [
      {
        file: `${engine}/steps/perform.ts`,
        find: /const above = parent\.posted \|\|/,
        put: 'const above = true || parent.posted ||',
      },
      { file: `${engine}/runs/execute.ts`, find: /frame\.posted \|\| frame\.startedAt > before/, put: 'true' },
    ],
    plans: [{ scenario: 'nested', blows: [at('outcome-committed', 4), at('outcome-committed', 6)] }],
  },
  {
    name: 'value-before-journal',
    guards: 'the journal names a value that is there',
    patches: [
      {
        file: `${engine}/values/files.ts`,
        find: /async write\(value, context\): Promise<Written> \{/,
        put: `$&
      if (!context.columns) {
        const soon = absolute(placeOf(context))
        setTimeout(async () => {
          await mkdir(dirname(soon), { recursive: true })
          const file = await open(soon, 'w')
          await writeText(file, value as string)
          await file.close()
        }, 60)
        return { ref: placeOf(context), bytes: 0, rows: null }
      }`,
      },
    ],
    plans: [{ scenario: 'files', blows: [at('outcome-delivered', 3)] }],
  },
  {
    name: 'attempts-apart',
    guards: 'an attempt that ends late does not write over the value of the one that counts',
    patches: [{ file: 'core/src/values/value-text.ts', find: /-\$\{slot\.attempt\}/, put: '-1' }],
    plans: [{ scenario: 'late', blows: [] }],
  },
  {
    name: 'late-attempts-unheard',
    guards: 'an attempt that was given up ends nothing',
    patches: [{ file: `${engine}/steps/attempt.ts`, find: /if \(over\) return\n/, put: '\n' }],
    plans: [{ scenario: 'late', blows: [] }],
  },
  {
    name: 'failures-end-attempts',
    guards: 'a flow that is tried again tries again what failed',
    patches: [
      {
        file: `${engine}/steps/journal.ts`,
        find: /row\.state !== 'succeeded' && row\.state !== 'skipped' && row\.seq !== null/,
        put: 'false && row.seq !== null',
      },
    ],
    plans: [{ scenario: 'flow-retry', blows: [] }],
  },
  {
    name: 'published-with-outcome',
    guards: 'an asset that succeeded is published by the same commit',
    patches: [
      {
        file: `${engine}/steps/perform.ts`,
        find: /own : \[\.\.\.above, own, \.\.\.recording\.changes\]/,
        put: 'own : (setTimeout(() => session.outbox.post(recording.changes), 60), [...above, own])',
      },
    ],
    plans: [
      { scenario: 'assets', blows: [at('outcome-committed', 14)] },
      { scenario: 'late', blows: [at('outcome-committed', 1)] },
    ],
  },
]

export function protectionCalled(name: string): Protection {
  const found = protections.find((one) => one.name === name)
  if (!found)
    throw new Error(`No protection is called "${name}". There are: ${protections.map((one) => one.name).join(', ')}.`)
  return found
}
