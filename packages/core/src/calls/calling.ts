import { SluiceError } from '../errors/sluice-error.ts'
import { type Calls, currentCalls } from './calls.ts'

/** The port, or an error that says how to get one. */
export function calling(what: string): Calls {
  const calls = currentCalls()
  if (calls) return calls
  throw new SluiceError('INTERNAL', `${what} was called where nothing runs Sluice code.`, {
    hint: "Import it from 'sluice' (not from '@sluice/core'), or run the file with `sluice run`.",
  })
}
