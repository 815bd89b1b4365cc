import type { StoredError } from '../values/stored.ts'

export interface Frame {
  readonly text: string
  /** In the person's own code, and not in a package or in Node. */
  readonly own: boolean
}

/** The frames of an error's stack, the newest first. */
export function framesOf({ stack = '' }: Pick<StoredError, 'stack'>): Frame[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim().slice(3))
    .map((text) => ({ text, own: !/node_modules|node:|<anonymous>|\(index \d+\)$/.test(text) }))
}

/** Where there is little room: the file without its folders. */
export const shortFrame = (text: string): string => text.replace(/(?:file:\/\/)?[^\s()]*[\\/](?=[^\\/]+:\d+:\d+)/, '')

/** A run of assets says which step failed; what people want to know is why. */
export const reasonOf = (error: StoredError): StoredError =>
  error.code === 'RUN_FAILED' && error.cause ? error.cause : error
