import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { checkout } from './program.ts'
import type { Protection } from './protections.ts'

const left = new Set(['dist', 'node_modules', 'fixtures', '.sluice'])

/**
 * A copy of the packages and of the programs, with a protection removed. What others made is linked, not copied; ours
 * is beside `node_modules`, not in it, as Node strips no types there.
 */
export function copyWithout({ name, patches }: Protection): string {
  const root = mkdtempSync(join(tmpdir(), `sluice-without-${name}-`))
  const filter = (path: string): boolean => !left.has(basename(path)) && !path.endsWith('.test.ts')
  for (const folder of ['packages', 'chaos'])
    cpSync(join(checkout, folder), join(root, folder), { recursive: true, filter })
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n')
  linkModules(root)
  for (const { file, find, put } of patches) {
    const path = join(root, 'packages', file)
    const text = readFileSync(path, 'utf8')
    const times = [...text.matchAll(new RegExp(find, 'g'))].length
    if (times !== 1)
      throw new Error(`"${name}" is to change ${file} where it says ${find}, which it does ${times} times.`)
    writeFileSync(path, text.replace(find, put))
  }
  return root
}

function linkModules(root: string): void {
  const [from, to] = [join(checkout, 'node_modules'), join(root, 'node_modules')]
  mkdirSync(join(to, '@sluice'), { recursive: true })
  for (const folder of readdirSync(join(root, 'packages')))
    symlinkSync(join(root, 'packages', folder), join(to, folder === 'sluice' ? folder : `@sluice/${folder}`))
  for (const name of readdirSync(from)) {
    if (!name.startsWith('.') && name !== '@sluice' && name !== 'sluice') symlinkSync(join(from, name), join(to, name))
  }
}
