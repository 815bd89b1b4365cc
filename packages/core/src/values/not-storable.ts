import { SluiceError } from '../errors/sluice-error.ts'

export type NotStorableCode = 'RESULT_NOT_STORABLE' | 'ARGUMENT_NOT_STORABLE'

/** A part of the path to a value: a property, an index, or the text of another kind of place, such as `.get("eu")`. */
export type Place = string | number | { readonly text: string }

/** `.rows[3].client`, `["a b"].c`; the value itself is the empty text. */
export function pathText(places: readonly Place[]): string {
  return places.map(placeText).join('')
}

function placeText(place: Place): string {
  if (typeof place === 'number') return `[${place}]`
  if (typeof place === 'object') return place.text
  return /^[A-Za-z_$][\w$]*$/.test(place) ? `.${place}` : `[${JSON.stringify(place)}]`
}

const plainData = 'Give plain data: numbers, texts, dates, arrays, records, Map, Set, bigint, bytes.'

/** What was found, in words, and what to do about it. */
export function whatIs(value: unknown): { found: string; hint: string } {
  if (typeof value === 'function') {
    const what = /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'function'
    return { found: value.name ? `the ${what} ${value.name}` : `a ${what}`, hint: plainData }
  }
  if (typeof value === 'symbol')
    return { found: `the symbol ${String(value)}`, hint: 'Use a text instead of a symbol.' }
  if (value instanceof Promise) return { found: 'a promise', hint: 'Put `await` before it.' }
  if (value instanceof Error) {
    return {
      found: `an error (${value.name})`,
      hint: 'Throw it, or give its message: errors are stored only when thrown.',
    }
  }
  if (Array.isArray(value))
    return { found: `an instance of class ${className(value)}`, hint: 'Copy it to a plain array: [...it].' }
  if (ArrayBuffer.isView(value)) {
    return { found: `a ${className(value)}`, hint: 'Use Array.from(it) for numbers, or a Uint8Array for bytes.' }
  }
  if (isIterator(value))
    return { found: 'an iterator', hint: 'Collect it into an array: Array.fromAsync(it) or [...it].' }
  return {
    found: `an instance of class ${className(value)}`,
    hint: `${plainData} Copy the fields that are needed ({ ...it }); a client or a connection belongs in a resource.`,
  }
}

function isIterator(value: unknown): boolean {
  return typeof (value as { next?: unknown } | null)?.next === 'function'
}

function className(value: unknown): string {
  const maker = (Object.getPrototypeOf(value) as { constructor?: unknown } | null)?.constructor
  return typeof maker === 'function' && maker.name ? maker.name : 'with no name'
}

/** `where` is the path, `found` says what is there. */
export function notStorable(code: NotStorableCode, places: readonly Place[], found: string, hint: string): SluiceError {
  const path = pathText(places)
  const argument = code === 'ARGUMENT_NOT_STORABLE'
  const subject = argument ? 'The arguments cannot be hashed' : 'The result cannot be stored'
  const message = `${subject}: ${path === '' ? 'it is' : `${path} is`} ${found}.`
  return new SluiceError(code, message, {
    hint: argument ? `${hint} Or give the task a \`key\`.` : hint,
    data: { path },
  })
}
