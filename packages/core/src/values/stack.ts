/** The folder of all packages of Sluice: `packages` here, `node_modules/@sluice` when installed. */
const home = new URL('../../../', import.meta.url).href
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

/** A test is the user of what it tests. */
function isOwnFrame(line: string): boolean {
  if (/\.test\.[jt]s/.test(line)) return false
  return (
    installed.test(line) ||
    line.includes(home) ||
    (home.startsWith('file:///') && line.includes(`(${home.slice('file://'.length)}`))
  )
}
