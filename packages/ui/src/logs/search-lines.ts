import type { LogLine } from '@sluice/core'

/** The match after (or before) a place, and from the end again at the beginning. */
export function nextMatch(matches: readonly number[], from: number, by: 1 | -1): number | undefined {
  if (by === 1) return matches.find((at) => at > from) ?? matches[0]
  return matches.findLast((at) => at < from) ?? matches.at(-1)
}

/** Lines as text, for a clipboard or a file. */
export const linesText = (lines: readonly Pick<LogLine, 'at' | 'level' | 'message' | 'data'>[]): string =>
  lines
    .map(
      ({ at, level, message, data }) =>
        `${new Date(at).toISOString()} ${level} ${message}${data === null ? '' : ` ${data}`}`,
    )
    .join('\n')
