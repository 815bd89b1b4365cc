import { createRequire } from 'node:module'
import type { TransformOptions } from 'oxc-transform'
import type { LoadingConfig } from './tsconfig.ts'

type Oxc = typeof import('oxc-transform')

const decorator = /^\s*@[A-Za-z_$]/
let oxc: Oxc | undefined
/** Loaded when a file first needs it: most programs never do. */
const compiler = (): Oxc => (oxc ??= createRequire(import.meta.url)('oxc-transform') as Oxc)

/**
 * The JavaScript of a file that type stripping cannot give: enums, namespaces, parameter properties, `import =`,
 * JSX, and imports of types that do not say `type`. Its source map is in it. `undefined` where the source has an
 * error, which Node words better.
 */
export function transform(file: string, source: string, config: LoadingConfig): string | undefined {
  const { code, map, errors } = compiler().transformSync(file, source, {
    ...optionsFor(config, config.verbatim),
    sourcemap: true,
  })
  if (errors.some((error) => error.severity === 'Error')) return undefined
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}\n`
}

/** Does TypeScript drop an import (of nothing but types) that stripping would keep? */
export function dropsImports(file: string, source: string, config: LoadingConfig): boolean {
  const [kept, dropped] = [true, false].map(
    (keep) => compiler().transformSync(file, source, optionsFor(config, keep)).code,
  )
  return kept !== dropped
}

/** Where the first syntax error is, or the first decorator (which Node refuses), as `line:column`. */
export function syntaxError(file: string, source: string): string | undefined {
  const start = compiler().transformSync(file, source, {}).errors[0]?.labels[0]?.start
  if (start === undefined) {
    const line = source.split('\n').findIndex((text) => decorator.test(text))
    return line < 0 ? undefined : `${line + 1}:1`
  }
  const before = source.slice(0, start).split('\n')
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}

function optionsFor(config: LoadingConfig, keepImports: boolean): TransformOptions {
  return {
    jsx: config.jsx,
    typescript: { onlyRemoveTypeImports: keepImports },
  }
}
