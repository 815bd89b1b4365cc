import { SluiceError } from '../errors/sluice-error.ts'
import { attributes } from './ast.ts'

export interface Token {
  /** `word`: a name or a key, perhaps with `*`; `end`: nothing follows. */
  readonly type: 'word' | 'quoted' | 'digits' | 'null' | 'keyword' | '*' | '+' | ':' | '=' | '(' | ')' | 'end'
  readonly text: string
  readonly at: number
}

const keywords = new Set<string>([
  'and',
  'AND',
  'or',
  'OR',
  'not',
  'NOT',
  'sinks',
  'roots',
  'code_location',
  ...attributes,
])

// In this order: a star alone is the selection of everything, a longer run of characters a pattern.
const pattern =
  /(?<space>\s+)|(?<quoted>"[^"\\\r\n]*")|(?<null><null>)|(?<word>[A-Za-z_*][\w*/.-]*)|(?<digits>\d+)|(?<sign>[+:=()])/y

/** @throws SluiceError SELECTION_INVALID at the first character that belongs to nothing. */
export function tokensOf(selection: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < selection.length) {
    pattern.lastIndex = at
    const match = pattern.exec(selection)
    if (!match)
      throw unreadable(
        selection,
        at,
        `${JSON.stringify(selection[at])} means nothing here`,
        'Put names with other characters in double quotes.',
      )
    if (match.groups!['space'] === undefined) tokens.push(tokenOf(match, at))
    at = pattern.lastIndex
  }
  tokens.push({ type: 'end', text: '', at })
  return tokens
}

function tokenOf(match: RegExpExecArray, at: number): Token {
  const { quoted, word, digits, sign } = match.groups!
  const text = match[0]
  if (quoted !== undefined) return { type: 'quoted', text: text.slice(1, -1), at }
  if (digits !== undefined) return { type: 'digits', text, at }
  if (sign !== undefined) return { type: text as '+', text, at }
  if (word === undefined) return { type: 'null', text, at }
  if (text === '*') return { type: '*', text, at }
  return { type: keywords.has(text) ? 'keyword' : 'word', text, at }
}

/** The error that shows where: the text, and a caret under the character. */
export function unreadable(selection: string, at: number, what: string, hint: string): SluiceError {
  const from = Math.max(0, at - 60)
  const shown = `${from > 0 ? '…' : ''}${selection.slice(from, at + 40).replaceAll(/\s/g, ' ')}`
  const caret = ' '.repeat(at - from + (from > 0 ? 1 : 0))
  const message = `The selection cannot be read: ${what}.\n  ${shown}\n  ${caret}^`
  return new SluiceError('SELECTION_INVALID', message, { hint, data: { position: at } })
}
