import { SluiceError } from '@sluice/core'

/** An error of a disk that is full as the one that stops a run, which goes on when there is room; others as they are. */
export function orDiskFull(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof SluiceError) return error
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC' && !error.message.includes('No space left on device'))
    return error
  return new SluiceError('STORE_FULL', `The disk is full: ${place} could not be written.`, {
    cause: error,
    hint: 'Make room, then go on with sluice runs resume.',
    retryable: true,
  })
}
