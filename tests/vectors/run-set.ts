import { type Case, type CaseSet, type Evaluator, same } from './shapes.ts'

export interface Failure {
  readonly id: string
  readonly got: unknown
  readonly expected: unknown
}
export interface Report {
  readonly name: string
  readonly total: number
  readonly passed: number
  /** Not as expected, on purpose: with the section of docs/differences.md that says why. */
  readonly different: readonly { readonly id: string; readonly section: string }[]
  readonly failed: readonly Failure[]
}

/** Where no other section names a case in which the reference is accidental. */
export const accidents = 'Accidents are not followed'

export async function runSet(set: CaseSet, evaluator: Evaluator): Promise<Report> {
  const failed: Failure[] = []
  const different: { id: string; section: string }[] = []
  const { cases } = set
  for (const one of cases) {
    const { got, agrees } = await judge(one, set, evaluator)
    if (agrees) continue
    const section = evaluator.different?.(one, set) ?? (one.tier === 'quirk' ? accidents : undefined)
    if (section === undefined) failed.push({ id: one.id, got, expected: one.expected })
    else different.push({ id: one.id, section })
  }
  const total = cases.length
  return { name: set.name, total, passed: total - failed.length - different.length, different, failed }
}

/** An answer that throws is a wrong answer, not the end of the set. */
async function judge(one: Case, set: CaseSet, evaluator: Evaluator): Promise<{ got: unknown; agrees: boolean }> {
  let got: unknown
  try {
    got = await evaluator.answer(one.input, set)
    const agrees = evaluator.agrees?.(got, one.expected, one.input) ?? same(got, one.expected)
    return { got, agrees }
  } catch (error) {
    return { got: got ?? `threw ${String(error)}`, agrees: false }
  }
}
