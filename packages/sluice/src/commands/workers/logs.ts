import { connectServer } from '../../system/server-for.ts'
import { json, output } from '../../terminal/terminal.ts'
import { localTime } from '../../terminal/times.ts'
import type { WorkersOptions } from './list.ts'

/** `sluice workers logs` */
export async function showWorkerLogs(worker: string, options: WorkersOptions): Promise<void> {
  const client = await connectServer(options.server)
  const { style, line } = output
  for (let cursor: string | undefined; ;) {
    const { lines, next } = await client.workers.logs({ worker, ...(cursor !== undefined && { cursor }) })
    for (const one of lines) {
      if (options.json) json(one)
      else line(`${style.dim(localTime(one.at))} ${one.level === 'error' ? style.red(one.message) : one.message}`)
    }
    if (next === null) return
    cursor = next
  }
}
