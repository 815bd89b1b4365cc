import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Ended {
  /** From the start of the process until it was gone. */
  readonly ms: number
  readonly output: string
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Ended by force after this. Default 10 minutes. */
  readonly timeout?: number
  /** Killed without warning as soon as its output holds this line. */
  readonly killAt?: string
}

/** Runs a program to its end. Throws with the end of its output where it failed. */
export async function run(program: string, args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  const { killAt } = options
  const began = performance.now()
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeout ?? 600_000,
    killSignal: 'SIGKILL',
  })
  let output = ''
  let killed = false
  const take = (text: string): void => {
    output = (output + text).slice(-20_000)
    if (killAt !== undefined && !killed && output.includes(`${killAt}\n`)) killed = child.kill('SIGKILL')
  }
  child.stdout.setEncoding('utf8').on('data', take)
  child.stderr.setEncoding('utf8').on('data', take)
  const exited = once(child, 'exit').then(([code]) => ({ code: code as number | null, ms: performance.now() - began }))
  await once(child, 'close')
  const { code, ms } = await exited
  if (killAt !== undefined && !killed) throw new Error(`${program} ended before it was to be killed: ${output}`)
  if (killAt === undefined && code !== 0)
    throw new Error(`${program} ${args.join(' ')} failed:\n${output.slice(-2000)}`)
  return { ms, output }
}
