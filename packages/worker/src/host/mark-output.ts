import { currentStep } from '@sluice/core'
import { markOf } from '../step-mark.ts'

/** Marks what is printed with the step that prints it, until the result is called. */
export function markOutput(): () => void {
  const undo = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write
    let last = 0
    const marked = (...args: Parameters<typeof write>): boolean => {
      const step = currentStep()?.step ?? 0
      if (step !== last) write.call(stream, markOf((last = step)))
      return write.apply(stream, args)
    }
    stream.write = marked as typeof write
    return () => {
      stream.write = write
      if (last !== 0) write.call(stream, markOf(0))
    }
  })
  return () => undo.forEach((one) => one())
}
