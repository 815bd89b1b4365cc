/** A case of a set: input → expected, as the set's header says. */
export interface Case {
  readonly id: string
  /** `quirk`: the reference is itself accidental here. */
  readonly tier: 'core' | 'quirk'
  readonly input: Input
  readonly expected: unknown
}
export type Input = Readonly<Record<string, unknown>>

export interface CaseSet {
  readonly name: string
  readonly cases: readonly Case[]
  /** What the header gives all cases: graphs, jobs. */
  readonly header: Input
}

/** How a set is evaluated: what the product answers, and whether that is what was expected. */
export interface Evaluator {
  /** Or a promise of it, where it has to be executed. */
  answer(input: Input, set: CaseSet): unknown
  /** Where answers are not simply equal. */
  agrees?(got: unknown, expected: unknown, input: Input): boolean
  /** Of an answer that does not agree: the section of docs/differences.md that says why, where it is on purpose. */
  different?(one: Case, set: CaseSet): string | undefined
}

/** The input was rejected. */
export const rejected = { error: true } as const

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
