import { type ChildProcess, spawn } from 'node:child_process'

/**
 * One tiny process that outlives this one for a moment: when this process dies, however it dies, its pipe closes and
 * every process group that is still listed is killed. A child whose event loop spins cannot notice by itself.
 */
const script = `
groups=
while read -r verb group; do
  if [ "$verb" = add ]; then groups="$groups $group"; else
    left=; for g in $groups; do [ "$g" = "$group" ] || left="$left $g"; done; groups=$left
  fi
done
for g in $groups; do kill -9 "-$g" 2>/dev/null; done
`

let guard: ChildProcess | undefined

/** Ties the life of a process group to this process. Gives back what releases it, once the group has ended. */
export function guardGroup(group: number): () => void {
  // Windows has neither groups nor a shell to read with; there a child ends when its channel closes.
  if (process.platform === 'win32') return () => {}
  const { stdin } = (guard ??= start())
  stdin?.write(`add ${group}\n`)
  return () => void stdin?.write(`drop ${group}\n`)
}

function start(): ChildProcess {
  // What is in its environment can be read by every process of the user: nothing is.
  const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: {} })
  child.unref()
  ;(child.stdin as unknown as { unref?(): void })?.unref?.()
  // Without a guard children still end by their closed channel, unless they spin.
  child.on('error', () => {})
  child.stdin?.on('error', () => {})
  return child
}
