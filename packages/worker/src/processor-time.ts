import { readFile } from 'node:fs/promises'

/** Clock ticks of /proc in a second: 100 on every Linux that Node supports. */
const ticks = 100

/** For how many milliseconds a process has computed. Read from /proc; `null` where there is none (macOS, Windows). */
export async function processorTime(pid: number): Promise<number | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // After the name, which may hold spaces; of its own code, and of the system for it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return ((Number(fields[11]) + Number(fields[12])) / ticks) * 1000
  } catch {
    return null
  }
}
