import { SluiceError } from '@sluice/core'
import { type SystemOptions, ifAny, withSystem } from '../../system/system.ts'
import { json, output } from '../../terminal/terminal.ts'
import { countOf } from '../../terminal/words.ts'

export type PartitionOptions = SystemOptions & { readonly json?: boolean }

/** `sluice partitions list NAME` */
export async function listKeys(name: string, options: PartitionOptions): Promise<void> {
  const keys = await ifAny<readonly string[]>([], options, ({ partitions }) => partitions.keys(name))
  if (options.json) return json(keys)
  for (const key of keys) output.line(key)
  if (keys.length === 0)
    output.line(output.style.dim(`"${name}" has no keys. sluice partitions add ${name} KEY gives it one.`))
}

/** `sluice partitions add NAME KEY…` */
export async function addKeys(name: string, keys: readonly string[], options: PartitionOptions): Promise<void> {
  const empty = keys.find((key) => key.trim() === '')
  if (empty !== undefined)
    throw new SluiceError('USAGE', 'A key has no text.', { hint: `sluice partitions add ${name} eu us` })
  await change(name, keys, options, 'add')
}

/** `sluice partitions remove NAME KEY…` */
export async function removeKeys(name: string, keys: readonly string[], options: PartitionOptions): Promise<void> {
  await change(name, keys, options, 'remove')
}

/** Those that were there already, or were not, are told: a slip of the pen is seen. */
async function change(
  name: string,
  keys: readonly string[],
  options: PartitionOptions,
  what: 'add' | 'remove',
): Promise<void> {
  await withSystem(options, async (system) => {
    const before = new Set(await system.partitions.keys(name))
    const wanted = [...new Set(keys)]
    const meant = wanted.filter((key) => before.has(key) !== (what === 'add'))
    const idle = wanted.filter((key) => !meant.includes(key))
    if (meant.length > 0) await system[what === 'add' ? 'addKeys' : 'removeKeys']({ name, keys: meant })
    const { length: count } = await system.partitions.keys(name)
    if (options.json) return json({ name, [what === 'add' ? 'added' : 'removed']: meant, unchanged: idle, keys: count })
    const { line, style } = output
    const done = what === 'add' ? 'added' : 'removed; what was made of them stays in the history'
    if (meant.length > 0) line(`${style.green('✓')} ${meant.join(', ')} ${done}.`)
    if (idle.length > 0) line(`${idle.join(', ')} ${what === 'add' ? 'was there already' : 'was not there'}.`)
    line(style.dim(`"${name}" has ${countOf(count, 'key')}.`))
  })
}
