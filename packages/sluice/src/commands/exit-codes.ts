/** What the command tells the shell. */
export const exitCodes = {
  ok: 0,
  /** The run failed or crashed, or a check that matters did not pass. */
  failed: 1,
  /** The command line, or what it names: an unknown run, target, asset, partition or param. */
  usage: 2,
  /** Definitions that do not load or do not fit together; configuration. */
  definitions: 3,
  /** The store, or the server: it does not answer, or does not let us in. */
  store: 4,
  /** A defect in Sluice. */
  internal: 70,
  canceled: 130,
} as const

export const exitCodeHelp = `
Exit codes:
  0    done
  1    the run failed or crashed
  2    the command line was not understood, or names something that is not there
  3    definitions or configuration do not load, or do not fit together
  4    the store or the server cannot be used
  70   a defect in Sluice
  130  canceled`

const usage = new Set([
  'USAGE',
  'NOT_FOUND',
  'CONFLICT',
  'REQUEST_INVALID',
  'TARGET_UNKNOWN',
  'RUN_UNKNOWN',
  'RUN_NOT_RESUMABLE',
  'RUN_ACTIVE',
  'ASSET_UNKNOWN',
  'VALUE_MISSING',
  'PARAMS_INVALID',
  'PARAMS_UNKNOWN',
])
const definitions = new Set([
  'ASSET_CYCLE',
  'CALLED_WHILE_LOADING',
  'CHILD_EXITED',
  'CONFIG_INVALID',
  'CRON_INVALID',
  'EDGE_INVALID',
  'ENV_MISSING',
  'PARTITION_KIND_UNSUPPORTED',
  'RESOURCE_MISSING',
  'RRULE_INVALID',
  'SQL_INVALID',
  'SQL_NEEDS_ENGINE',
])

const server = new Set(['SERVER_UNREACHABLE', 'UNAUTHORIZED', 'FORBIDDEN'])

/** Is this an error of what was written, found before anything of it ran? */
export const isOfDefinitions = (error: unknown): boolean => exitCodeOf(error) === exitCodes.definitions

/** For an error that is the end of the command. */
export function exitCodeOf(error: unknown): number {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  if (typeof code !== 'string') return exitCodes.internal
  if (usage.has(code) || code.startsWith('SELECTION_') || code === 'PARTITION_REQUIRED' || code === 'PARTITION_UNKNOWN')
    return exitCodes.usage
  if (definitions.has(code) || code.startsWith('DEFINITION_') || code.startsWith('LOAD_')) return exitCodes.definitions
  if (code.startsWith('STORE_') || server.has(code)) return exitCodes.store
  if (code === 'RUN_CANCELED') return exitCodes.canceled
  return code === 'INTERNAL' ? exitCodes.internal : exitCodes.failed
}
