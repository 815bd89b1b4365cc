/** The folders of Sluice's own code in its repository; installed it is below `node_modules`. */
const packages = new URL(import.meta.url.endsWith('.ts') ? '../../../' : '../../', import.meta.url)
const homes = [packages.href, new URL('../integrations/', packages).href]
const installed = /[\\/]node_modules[\\/](?:@sluice[\\/][\w-]+|sluice)[\\/]/

/**
 * An error's stack without the frames inside Sluice, so that the first frame is a line of the person who reads it,
 * and with `shown` for a message that was cut. `undefined` where no frame is left.
 */
export function withoutOwnFrames(stack: unknown, message: unknown, shown: string): string | undefined {
  if (typeof stack !== 'string') return undefined
  const text = typeof message === 'string' && message !== shown ? stack.replace(message, () => shown) : stack
  const lines = text.split('\n')
  const left = lines.filter((line) => !isFrame(line) || !isOwnFrame(line))
  return left.some(isFrame) ? left.join('\n') : undefined
}

const isFrame = (line: string): boolean => /^\s+at /.test(line)

/** Is this line of a stack inside Sluice? A test, or a fixture of one, is the user of what it tests. */
export function isOwnFrame(line: string): boolean {
  if (installed.test(line)) return true
  if (/\.test\.[jt]s|[\\/]fixtures[\\/]/.test(line)) return false
  return homes.some(
    (home) => line.includes(home) || (home.startsWith('file:///') && line.includes(`(${home.slice('file://'.length)}`)),
  )
}
