import { readdir, readFile } from 'node:fs/promises'

/**
 * The resident memory of a run, in bytes: of its process group (`group` is also the id of its first process), and of
 * what that started in groups of their own, like steps with `isolate: 'process'`. Read from /proc; `null` where there is
 * none (macOS, Windows).
 */
export async function groupMemory(group: number): Promise<number | null> {
  let names: readonly string[]
  try {
    names = await readdir('/proc')
  } catch {
    return null
  }
  const children = new Map<number, number[]>()
  const counted = new Set<number>()
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = await readFile(`/proc/${name}/stat`, 'utf8')
      // After the name, which may hold spaces: state, parent, group.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const [pid, parent] = [Number(name), Number(fields[1])]
      children.set(parent, [...(children.get(parent) ?? []), pid])
      if (Number(fields[2]) === group) counted.add(pid)
    } catch {
      // It ended meanwhile.
    }
  }
  // A set is walked to what is added on the way.
  for (const pid of counted) for (const child of children.get(pid) ?? []) counted.add(child)
  const each = await Promise.all([...counted].map(residentOf))
  return each.reduce((sum, bytes) => sum + bytes, 0)
}

/** In kB there, whatever the size of a page. */
async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
}
