import { defineConfig } from 'oxlint'
import { allPackages, arrows } from './arrows.ts'

const tests = ['**/*.test.ts', '**/*.test-d.ts']

interface Pattern {
  regex: string
  message: string
}

/** What every file keeps to, tests included. */
const doors: Pattern[] = [
  {
    regex: '^(@sluice/[^/]+|sluice)/(src|dist|lib)(/|$)',
    message: 'Import a package by its door (an `exports` key), never a file behind it.',
  },
  {
    regex: `^(\\.\\./)+((packages|integrations)/[^/]+|${allPackages.map((name) => name.replace('@sluice/', '')).join('|')})/(src|dist)/`,
    message: 'Import another package by its name, never by a path.',
  },
]

function imports(...patterns: Pattern[]) {
  return { 'no-restricted-imports': ['error', { patterns: [...patterns, ...doors] }] as ['error', object] }
}

/** A package may import those on its arrows, and no other of ours. */
function arrow(name: string, allowed: readonly string[]): Pattern {
  const refused = allPackages.filter((other) => !allowed.includes(other))
  return {
    regex: `^(${refused.join('|')})(/|$)`,
    message:
      allowed.length > 0 ? `${name} stands on ${allowed.join(' and ')} alone.` : `${name} stands on none of ours.`,
  }
}

const pure: Pattern = {
  regex: '^node:',
  message: 'core is pure and runs in a browser: what needs Node belongs to engine, worker or sluice.',
}
const noEffects: Pattern = {
  regex: '^(node:(child_process|cluster|dgram|http|http2|https|net|sqlite|tls)|kysely|pg|pg-boss|hono)(/|$)',
  message: 'engine decides: no SQL, no HTTP, no child processes.',
}
const noFiles: Pattern = { regex: '^node:fs(/|$)', message: 'engine touches files in src/values/ only.' }
const noStore: Pattern = {
  regex: '^(node:sqlite|kysely|pg|pg-boss)(/|$)',
  message: 'worker reaches the store through a channel, never by itself.',
}

/** What a package may not import besides packages of ours. */
const extra: Readonly<Record<string, Pattern[]>> = {
  'packages/core': [pure],
  'packages/engine': [noEffects, noFiles],
  'packages/worker': [noStore],
}

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'vitest'],
  categories: { correctness: 'error' },
  options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['**/dist/**', '**/fixtures/**', '.docs-check/**', 'coverage/**'],
  rules: {
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'max-lines': ['error', { max: 400 }],
    'no-array-constructor': 'error',
    'no-console': 'error',
    'no-constructor-return': 'error',
    'no-else-return': 'error',
    'no-empty': 'error',
    'no-extend-native': 'error',
    'no-fallthrough': 'error',
    'no-lonely-if': 'error',
    'no-new-func': 'error',
    'no-new-wrappers': 'error',
    'no-proto': 'error',
    'no-return-assign': ['error', 'except-parens'],
    'no-self-compare': 'error',
    'no-sequences': 'error',
    'no-template-curly-in-string': 'error',
    'no-unneeded-ternary': 'error',
    'no-unused-expressions': ['error', { allowShortCircuit: true, allowTernary: true }],
    'no-unused-vars': [
      'error',
      { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreUsingDeclarations: true },
    ],
    'no-useless-concat': 'error',
    'no-useless-constructor': 'error',
    'no-useless-return': 'error',
    'no-var': 'error',
    'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'start' }],
    'object-shorthand': 'error',
    'prefer-const': 'error',
    'prefer-object-has-own': 'error',
    'prefer-object-spread': 'error',
    'preserve-caught-error': 'error',

    'import/first': 'error',
    'import/no-absolute-path': 'error',
    'import/no-commonjs': 'error',
    // Types may name each other in a circle; values may not, as the order of loading would then matter.
    'import/no-cycle': ['error', { ignoreTypes: true }],
    'import/no-default-export': 'error',
    'import/no-duplicates': 'error',
    'import/no-mutable-exports': 'error',
    'import/no-self-import': 'error',

    'promise/no-callback-in-promise': 'off',

    'typescript/array-type': ['error', { default: 'array' }],
    'typescript/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description', 'ts-ignore': true }],
    'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
    'typescript/no-confusing-non-null-assertion': 'error',
    'typescript/no-deprecated': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-meaningless-void-operator': 'off',
    'typescript/no-misused-promises': 'error',
    'typescript/no-namespace': 'error',
    'typescript/no-redundant-type-constituents': 'off',
    'typescript/no-require-imports': 'error',
    'typescript/no-unnecessary-type-assertion': 'error',
    'typescript/no-unnecessary-type-constraint': 'error',
    'typescript/no-unsafe-function-type': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    'typescript/restrict-template-expressions': 'off',
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/unbound-method': 'off',

    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'unicorn/no-abusive-eslint-disable': 'error',
    'unicorn/no-instanceof-array': 'error',
    'unicorn/no-new-array': 'off',
    // A flow or a query that can be awaited is a thenable by design.
    'unicorn/no-thenable': 'off',
    'unicorn/no-typeof-undefined': 'error',
    'unicorn/prefer-node-protocol': 'error',
    'unicorn/throw-new-error': 'error',

    'vitest/expect-expect': ['error', { assertFunctionNames: ['expect*', 'assert*', 'fc.assert'] }],
    'vitest/no-conditional-expect': 'off',
    'vitest/no-conditional-tests': 'off',
    'vitest/no-disabled-tests': 'error',
    'vitest/no-focused-tests': 'error',
    'vitest/no-identical-title': 'error',
    'vitest/require-to-throw-message': 'off',
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
  },
  overrides: [
    ...Object.entries(arrows).map(([folder, { name, allowed }]) => ({
      files: [`${folder}/src/**`],
      excludeFiles: tests,
      rules: imports(arrow(name, allowed), ...(extra[folder] ?? [])),
    })),
    {
      files: ['packages/engine/src/values/**'],
      excludeFiles: tests,
      rules: imports(arrow('@sluice/engine', arrows['packages/engine']!.allowed), noEffects),
    },
    { files: ['examples/**'], rules: imports(arrow('an example', ['sluice', '@sluice/duckdb'])) },
    {
      files: ['bench/**', 'chaos/**', 'tests/**', ...tests.map((glob) => `{packages,integrations}/${glob}`)],
      rules: imports(),
    },
    { files: ['*.config.ts', 'examples/**'], rules: { 'import/no-default-export': 'off' } },
    {
      files: ['packages/sluice/{src,bin}/**', 'examples/**', 'bench/**', 'chaos/**', 'tests/**'],
      rules: { 'no-console': 'off' },
    },
  ],
})
