import { attributes, type Levels, type SelectionAst } from './ast.ts'

/**
 * A selection as text: what `parseSelection` reads as the same selection. For what a screen has put together or changed.
 * A value cannot contain a double quote, a backslash or a new line: the language has no way to write them.
 */
export function printSelection(ast: SelectionAst): string {
  if (ast.kind === 'name') return ast.name
  if (ast.kind === 'traverse' && ast.of.kind === 'name') return `${signs(ast.up)}${ast.of.name}${signs(ast.down)}`
  return print(ast)
}

/** Beside a name alone each `+` is one level. */
const signs = (levels: Levels): string => (levels === 'all' ? '*' : '+'.repeat(levels))

function print(ast: SelectionAst): string {
  switch (ast.kind) {
    case 'all':
      return '*'
    case 'name':
      return `key:${valueText(ast.name, true)}`
    case 'attribute':
      return attributeText(ast)
    case 'and':
      return ast.of.map((one) => inside(one, ['and', 'or'])).join(' and ')
    case 'or':
      return ast.of.map((one) => inside(one, ['or'])).join(' or ')
    case 'not':
      return `not ${inside(ast.of, ['and', 'or', 'not'])}`
    case 'sinks':
    case 'roots':
      return `${ast.kind}(${print(ast.of)})`
    case 'traverse': {
      const of = inside(ast.of, ['and', 'or', 'not', 'all', 'traverse'])
      const [up, down] = [ast.up, ast.down].map((one) => (one === 0 ? null : one === 'all' ? '' : String(one)))
      return `${up === null ? '' : `${up}+`}${of}${down === null ? '' : `+${down}`}`
    }
  }
}

/** In parentheses where it is one of these. */
const inside = (ast: SelectionAst, kinds: readonly SelectionAst['kind'][]): string =>
  kinds.includes(ast.kind) ? `(${print(ast)})` : print(ast)

function attributeText({ attribute, value, tagValue }: Extract<SelectionAst, { kind: 'attribute' }>): string {
  const text = `${attribute}:${valueText(value, attribute === 'key')}`
  return tagValue === undefined || tagValue === '' ? text : `${text}=${valueText(tagValue, false)}`
}

const keywords = new Set(['and', 'AND', 'or', 'OR', 'not', 'NOT', 'sinks', 'roots', 'code_location', ...attributes])

function valueText(value: string | null, isKey: boolean): string {
  if (value === null) return '<null>'
  const isWord = (isKey ? /^(?!\*$)[A-Za-z_*][\w*/.-]*$/ : /^[A-Za-z_]\w*$/).test(value)
  return isWord && !keywords.has(value) ? value : `"${value}"`
}
