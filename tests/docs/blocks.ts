/** One fenced block of a page that is checked. What its fence may say is in CONTRIBUTING.md. */
export interface Block {
  readonly language: 'ts' | 'sh'
  /** The line of its first line of code, from 1. */
  readonly line: number
  readonly code: string
  /** The file it is, beside the other named files of its page; `null` for a program of its own. */
  readonly file: string | null
  readonly run: boolean
  /** The exit code that it must end with. */
  readonly exit: number
}

export interface Page {
  /** Relative to the repository, with slashes. */
  readonly path: string
  readonly blocks: readonly Block[]
}

const fence = /^( *)(`{3,})(.*)$/
const words = new Set(['no-run', 'run'])

/** Reads the TypeScript blocks of a page, and the shell blocks that say `run`. A fence that nobody knows is an error. */
export function readPage(path: string, text: string): Page {
  const blocks: Block[] = []
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const open = fence.exec(lines[i]!)
    if (!open) continue
    const [, indent, ticks, info] = open as unknown as [string, string, string, string]
    const end = lines.findIndex((line, at) => at > i && line.trim() === ticks)
    if (end < 0) throw new Error(`${path}:${i + 1}: the block is never closed`)
    const code = lines.slice(i + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    const block = readFence(`${path}:${i + 1}`, info.trim())
    if (block) blocks.push({ ...block, line: i + 2, code: `${code.join('\n')}\n` })
    i = end
  }
  return { path, blocks }
}

function readFence(where: string, info: string): Omit<Block, 'line' | 'code'> | null {
  const [language = '', ...rest] = info.split(/\s+/)
  if (language === 'typescript' || language === 'tsx') throw new Error(`${where}: write \`ts\`, not \`${language}\``)
  if (language !== 'ts' && language !== 'sh') return null
  const settings = new Map(rest.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]))
  const flags = rest.filter((word) => !word.includes('='))
  const unknown = [
    ...flags.filter((flag) => !words.has(flag)),
    ...[...settings.keys()].filter((key) => key !== 'file' && key !== 'exit'),
  ]
  if (unknown.length > 0) throw new Error(`${where}: the fence says \`${unknown.join(' ')}\`, which means nothing here`)
  if (language === 'sh' && !flags.includes('run')) return null
  return {
    language,
    file: settings.get('file') ?? null,
    run: !flags.includes('no-run'),
    exit: Number(settings.get('exit') ?? 0),
  }
}
