import { exitCodes } from '../exit-codes.ts'

/** Ends a command: its exit code is what it answers, or what its error means. */
export async function finish(answer: Promise<number | void>, options: { readonly json?: boolean } = {}): Promise<void> {
  try {
    process.exitCode = (await answer) ?? exitCodes.ok
  } catch (error) {
    const { failed } = await import('../failure.ts')
    process.exitCode = failed(error, options)
  }
}

/** An option that may be given several times. */
export const repeated = (value: string, before: readonly string[] = []): string[] => [...before, value]

/** Of commands that look at a server or a store alike. */
export const where = [
  '--server <url>',
  'a server (default: SLUICE_SERVER, or what runs on this project; else its store)',
] as const
