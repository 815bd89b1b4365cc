import { type Attribute, attributes, type Levels, type SelectionAst } from './ast.ts'
import { type Token, tokensOf, unreadable } from './tokens.ts'

/** Parentheses may be nested this deep: each level is a call. */
const DEEPEST = 200

/**
 * Reads a selection of assets. The grammar is Dagster's: `key:raw/*`, `tag:tier=gold`, `owner:"team:data"`, `group:`,
 * `kind:`, `location:`, `column:`, `status:stale`, `is:external`, `job:` and more; quoted values may have `*` in them; `*`; `not`, `and`, `or`, binding in this order; `sinks(e)`, `roots(e)`;
 * `1+e+2` with so many levels above and below, `+e+` with all. A name alone may stand without `key:`, and there each
 * `+` is one level and a `*` all of them: `raw/orders+`, `*revenue`.
 *
 * @throws SluiceError SELECTION_INVALID; the message has a caret under the character, `data.position` its index.
 */
export function parseSelection(selection: string): SelectionAst {
  const clause = parseClause(selection.trim())
  if (clause) return clause
  const parser = new Parser(selection)
  const ast = parser.or(0)
  parser.expectEnd()
  return ast
}

const clause = /^(\*|\++)?([\w./-]+)(\*|\++)?$/

/** A selection of one clause, in the form that is shorter to type. */
function parseClause(text: string): SelectionAst | undefined {
  const match = clause.exec(text)
  if (match && /\w/.test(match[2]!)) {
    const of: SelectionAst = { kind: 'name', name: match[2]! }
    const [up, down] = [levels(match[1]), levels(match[3])]
    return up === 0 && down === 0 ? of : { kind: 'traverse', of, up, down }
  }
  const tag = /^tag:([^\s"()<>=*+]+)=([^\s"()<>=*+]+)$/.exec(text)
  return tag ? { kind: 'attribute', attribute: 'tag', value: tag[1]!, tagValue: tag[2]! } : undefined
}

const levels = (signs: string | undefined): Levels => (signs === '*' ? 'all' : (signs?.length ?? 0))

class Parser {
  readonly #selection: string
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(selection: string) {
    this.#selection = selection
    this.#tokens = tokensOf(selection)
  }

  or(depth: number): SelectionAst {
    return this.#list('or', () => this.#and(depth))
  }

  expectEnd(): void {
    if (this.#peek().type !== 'end') throw this.#unexpected('and, or, or the end', this.#peek())
  }

  #and(depth: number): SelectionAst {
    return this.#list('and', () => this.#not(depth))
  }

  #list(kind: 'and' | 'or', item: () => SelectionAst): SelectionAst {
    const of = [item()]
    while (this.#takeKeyword(kind)) of.push(item())
    return of.length === 1 ? of[0]! : { kind, of }
  }

  #not(depth: number): SelectionAst {
    let count = 0
    while (this.#takeKeyword('not')) count += 1
    const of = this.#traversal(depth)
    return count % 2 === 1 ? { kind: 'not', of } : of
  }

  #traversal(depth: number): SelectionAst {
    if (this.#take('*')) return { kind: 'all' }
    const up = this.#up()
    const of = this.#primary(depth)
    const down = this.#down()
    return up === 0 && down === 0 ? of : { kind: 'traverse', of, up, down }
  }

  #up(): Levels {
    const digits = this.#take('digits')
    if (digits && this.#peek().type !== '+') throw this.#unexpected('a + after the number', this.#peek())
    return this.#take('+') ? levelsOf(digits) : 0
  }

  #down(): Levels {
    return this.#take('+') ? levelsOf(this.#take('digits')) : 0
  }

  #primary(depth: number): SelectionAst {
    if (this.#peek().type === '(') return this.#parentheses(depth)
    const token = this.#peek()
    this.#next += 1
    if (token.text === 'sinks' || token.text === 'roots') {
      if (this.#peek().type !== '(') throw this.#unexpected(`( after ${token.text}`, this.#peek())
      return { kind: token.text, of: this.#parentheses(depth) }
    }
    // Dagster's name for it.
    const word = token.text === 'code_location' ? 'location' : token.text
    if (token.type === 'keyword' && (attributes as readonly string[]).includes(word))
      return this.#attribute(word as Attribute)
    throw this.#unexpected('key:, tag:, group: or the like', token)
  }

  #parentheses(depth: number): SelectionAst {
    const open = this.#take('(')!
    if (depth === DEEPEST)
      throw unreadable(this.#selection, open.at, 'it is nested too deeply', 'Write it with fewer parentheses.')
    const inner = this.or(depth + 1)
    if (!this.#take(')')) throw this.#unexpected(') for the ( before', this.#peek())
    return inner
  }

  #attribute(attribute: Attribute): SelectionAst {
    if (!this.#take(':')) throw this.#unexpected(`: after ${attribute}`, this.#peek())
    const value = this.#value(attribute)
    if (attribute === 'is' && value !== 'external' && value !== 'materializable') {
      throw unreadable(
        this.#selection,
        this.#tokens[this.#next - 1]!.at,
        'is: takes external or materializable',
        'Write is:external.',
      )
    }
    if (attribute !== 'tag' && attribute !== 'column_tag') return { kind: 'attribute', attribute, value }
    return { kind: 'attribute', attribute, value, tagValue: this.#take('=') ? this.#value(attribute) : '' }
  }

  #value(attribute: Attribute): string | null {
    const token = this.#peek()
    this.#next += 1
    if (token.type === 'null') return null
    if (token.type === 'quoted' || (token.type === 'word' && (attribute === 'key' || /^\w+$/.test(token.text))))
      return token.text
    throw this.#unexpected(`a value for ${attribute}:`, token)
  }

  #peek(): Token {
    return this.#tokens[this.#next]!
  }

  #take(type: Token['type']): Token | undefined {
    if (this.#peek().type !== type) return undefined
    this.#next += 1
    return this.#tokens[this.#next - 1]
  }

  #takeKeyword(word: 'and' | 'or' | 'not'): boolean {
    const { type, text } = this.#peek()
    if (type !== 'keyword' || (text !== word && text !== word.toUpperCase())) return false
    this.#next += 1
    return true
  }

  #unexpected(expected: string, found: Token): Error {
    const what =
      found.type === 'end' ? 'it ends' : `here is ${found.type === 'quoted' ? `"${found.text}"` : found.text}`
    return unreadable(this.#selection, found.at, `expected ${expected}, but ${what}`, hintFor(found))
  }
}

const levelsOf = (digits: Token | undefined): Levels => (digits ? Number(digits.text) : 'all')

function hintFor({ type, text }: Token): string {
  if (type === 'word')
    return `For the asset ${text} write key:${text}; put other values with signs in them in double quotes.`
  if (type === 'keyword' || type === 'digits') return `Where ${text} is a name, write it in double quotes.`
  return 'For example: key:raw/orders+, tag:tier=gold and not group:"my group".'
}
