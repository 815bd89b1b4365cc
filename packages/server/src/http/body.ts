import { SluiceError } from '@sluice/core'
import type { Context as Request } from 'hono'

/** Levels of lists and objects, where a route says nothing else. */
const usual = 64

/**
 * Is this JSON that the rest of the server may have? It is asked before any schema looks at it.
 *
 * @throws SluiceError REQUEST_INVALID.
 */
export async function checkBody(request: Request, deepest = usual): Promise<void> {
  const type = request.req.header('content-type') ?? 'none'
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type))
    throw new SluiceError('REQUEST_INVALID', `The body must be application/json, and is ${type}.`)
  let body: unknown
  try {
    body = await request.req.json()
  } catch (cause) {
    throw new SluiceError('REQUEST_INVALID', `The body is no JSON: ${(cause as Error).message}.`, { cause })
  }
  checkValue(body, deepest)
}

function checkValue(body: unknown, deepest: number): void {
  // Without recursion: what nests deeper than a stack is what is looked for.
  const left: { value: unknown; depth: number }[] = [{ value: body, depth: 0 }]
  for (let one = left.pop(); one; one = left.pop()) {
    const { value, depth } = one
    if (typeof value === 'string') checkText(value)
    if (typeof value !== 'object' || value === null) continue
    if (depth >= deepest) throw new SluiceError('REQUEST_INVALID', `The body nests deeper than ${deepest} levels.`)
    for (const [name, its] of Object.entries(value)) {
      if (name === '__proto__') throw new SluiceError('REQUEST_INVALID', 'Nothing may be called __proto__.')
      checkText(name)
      left.push({ value: its, depth: depth + 1 })
    }
  }
}

/**
 * No database keeps a NUL character as it is.
 *
 * @throws SluiceError REQUEST_INVALID.
 */
export function checkText(text: string): void {
  if (text.includes('\0')) throw new SluiceError('REQUEST_INVALID', 'A text of the request has a NUL character in it.')
}
