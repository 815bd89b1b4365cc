import { SluiceError } from '@sluice/core'

/** What commands that start runs share. */
export interface RunOptions {
  readonly param?: readonly string[]
  readonly params?: string
  readonly env?: string
  readonly inspect?: boolean | string
  readonly json?: boolean
  readonly watch?: boolean
}

export const environmentOf = ({ env }: { readonly env?: string }): string => env ?? process.env['SLUICE_ENV'] ?? 'dev'

export function wholeNumber(option: string, text: string, least = 0): number {
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text)
  const from = least === 0 ? '' : ` from ${least} on`
  throw new SluiceError('USAGE', `${option} takes a whole number${from}, and got ${text}.`, {
    hint: `Write ${option} 20.`,
  })
}

/** `--param a=1 --param b=x` and `--params '{"a": 1}'`. */
export function readParams({ param = [], params }: RunOptions): {
  readonly params: unknown
  readonly texts: Record<string, string>
} {
  const texts = pairsOf('--param', param)
  if (params === undefined) return { params: undefined, texts }
  try {
    return { params: JSON.parse(params) as unknown, texts }
  } catch (cause) {
    throw new SluiceError('USAGE', `--params is no JSON: ${(cause as Error).message}.`, {
      cause,
      hint: `Write --params '{"name": "value"}'.`,
    })
  }
}

/** Of an option that is given as `name=value`, any number of times. */
export function pairsOf(option: string, given: readonly string[] = []): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const text of given) {
    const at = text.indexOf('=')
    if (at < 1) throw new SluiceError('USAGE', `${option} ${text} has no "=".`, { hint: `Write ${option} name=value.` })
    texts[text.slice(0, at)] = text.slice(at + 1)
  }
  return texts
}
