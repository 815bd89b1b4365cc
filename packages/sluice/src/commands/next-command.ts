import { closest } from '@sluice/core'
import { looksLikeFile } from './supervise/location.ts'
import { commandOf } from '../terminal/shell.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'

interface Told {
  readonly code?: string
  readonly hint?: string
  readonly data?: Readonly<Record<string, unknown>>
}

const hasCommand = /(?:^|[\s(])(?:sluice|npm|npx) [a-z]/

/** What to type next, as the last line of an error whose hint does not end with that already. */
export function nextCommand(error: unknown, args: readonly string[]): string | undefined {
  const { hint, code, data } = (error ?? {}) as Told
  if (hasCommand.test(hint?.trimEnd().split('\n').at(-1) ?? '')) return undefined
  const exitCode = exitCodeOf(error)
  if (exitCode === exitCodes.internal) return undefined
  if (exitCode === exitCodes.store) return code?.startsWith('STORE_') ? 'sluice doctor' : undefined
  if (code === 'LOAD_NOT_FOUND') {
    const { given, meant } = data ?? {}
    return typeof meant === 'string'
      ? sluice(args.map((arg) => (arg === given ? meant : arg)))
      : sluice([args[0] ?? '', '--help'])
  }
  if (exitCode === exitCodes.definitions)
    return sluice([
      'validate',
      ...args
        .slice(1)
        .filter((arg) => looksLikeFile(arg))
        .slice(0, 1),
    ])
  return code === undefined ? undefined : mended(code, data ?? {}, args)
}

/** The same command, with the part changed that was wrong. */
function mended(code: string, data: Readonly<Record<string, unknown>>, args: readonly string[]): string | undefined {
  const { last, meant, file } = data
  if (code.startsWith('PARTITION_'))
    return typeof last === 'string' ? sluice([...without(args, '--partition'), '--partition', last]) : undefined
  if (code === 'ASSET_UNKNOWN') {
    if (typeof meant === 'string') return sluice(args.map((arg, index) => (index === 1 ? meant : arg)))
    return sluice(['assets', 'list', ...(typeof file === 'string' && file !== '' ? [file] : [])])
  }
  if (code === 'PARAMS_INVALID') return sluice(args.map((arg) => withoutValue(arg, data)))
  if (code === 'PARAMS_UNKNOWN') return sluice(args.map((arg) => renamed(arg, data)))
  return sluice([args[0] ?? '', '--help'])
}

function without(args: readonly string[], option: string): string[] {
  const at = args.indexOf(option)
  return at < 0 ? [...args] : [...args.slice(0, at), ...args.slice(at + 2)]
}

/** `pages=many` becomes `pages=…` where `pages` is what did not fit. */
function withoutValue(arg: string, { issues }: Readonly<Record<string, unknown>>): string {
  const name = /^([^=]+)=/.exec(arg)?.[1]
  const isWrong = Array.isArray(issues) && issues.some(({ path }: { path?: string }) => path === name)
  return name !== undefined && isWrong ? `${name}=…` : arg
}

/** `pagse=2` becomes `pages=2`; a name that is near none is left open. */
function renamed(arg: string, { unknown, known }: Readonly<Record<string, unknown>>): string {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(arg) ?? []
  if (name === undefined || !Array.isArray(unknown) || !unknown.includes(name)) return arg
  const names = Array.isArray(known) ? (known as string[]) : []
  const near = closest(name, names) ?? names.find((other) => sorted(other) === sorted(name))
  return `${near ?? '…'}=${value}`
}

/** Two letters that changed places are two changes to `closest`. */
const sorted = (text: string): string => text.split('').toSorted().join('')

const sluice = (words: readonly string[]): string => commandOf('sluice', ...words)
