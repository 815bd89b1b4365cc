import { isAbsolute, relative } from 'node:path'

/** A path as messages show it: from the folder the person is in, where the file is below it. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), file)
  return path === '' || path.startsWith('..') || isAbsolute(path) ? file : path
}
