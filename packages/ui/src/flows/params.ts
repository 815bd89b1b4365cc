import { type Json, decode } from '@sluice/core'
import { valueText } from '../values/value-text.ts'

/** A param as a form asks for it. */
export interface Field {
  readonly name: string
  readonly kind: 'text' | 'number' | 'flag' | 'choice' | 'json'
  readonly choices: readonly Json[]
  readonly isRequired: boolean
  readonly description: string
  /** What it is when nothing is said; `undefined` for none. */
  readonly usual: Json | undefined
}

interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly Json[]
  readonly const?: Json
  readonly default?: Json
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

/** The fields of a flow's JSON Schema; `null` where it is not an object of named params: then they are written as JSON. */
export function fieldsOf(schema: Json | undefined, defaults: Readonly<Record<string, Json>>): Field[] | null {
  const { properties, required = [] } = (schema ?? {}) as Schema
  if (!properties) return null
  return Object.entries(properties).map(([name, its]) => {
    const usual = defaults[name] ?? its.default
    return {
      name,
      kind: kindOf(its),
      choices: its.enum ?? [],
      isRequired: required.includes(name) && usual === undefined,
      description: its.description ?? '',
      usual,
    }
  })
}

function kindOf({ type, enum: choices }: Schema): Field['kind'] {
  if (choices) return 'choice'
  if (type === 'boolean') return 'flag'
  if (type === 'number' || type === 'integer') return 'number'
  return type === 'string' ? 'text' : 'json'
}

/** A value as its field shows it; `''`: nothing is said. */
export function fieldText(kind: Field['kind'], value: Json | undefined): string {
  if (value === undefined) return ''
  return kind === 'text' && typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * What was filled in, as params; a field that says nothing is left out, so that its default counts.
 *
 * @returns `problems`: by the name of a field, what is wrong with it.
 */
export function paramsOf(
  fields: readonly Field[],
  texts: Readonly<Record<string, string>>,
): { params: Record<string, Json>; problems: Record<string, string> } {
  const params: Record<string, Json> = {}
  const problems: Record<string, string> = {}
  for (const { name, kind, isRequired } of fields) {
    const text = texts[name] ?? ''
    if (text === '') {
      if (isRequired) problems[name] = 'It must be given.'
      continue
    }
    if (kind === 'text') {
      params[name] = text
      continue
    }
    try {
      const value = JSON.parse(text) as Json
      if (kind === 'number' && typeof value !== 'number') throw new Error('not a number')
      params[name] = value
    } catch {
      problems[name] = kind === 'number' ? 'This is no number.' : 'This is no JSON.'
    }
  }
  return { params, problems }
}

/** Params that a run had, as JSON; what JSON has no word for is left out. */
export function jsonParams(encoded: string | null | undefined): Record<string, Json> {
  if (encoded === null || encoded === undefined) return {}
  const value = decode(encoded)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const entries = Object.entries(value as Record<string, unknown>)
  return Object.fromEntries(entries.flatMap(([name, one]) => (isJson(one) ? [[name, one]] : [])))
}

/** Params as they are written: as JSON where they are that; else as they are read, which the form refuses to send. */
export function paramsText(encoded: string): string {
  const value = decode(encoded)
  return isJson(value) ? JSON.stringify(value, null, 2) : valueText(value)
}

function isJson(value: unknown): value is Json {
  try {
    return value !== undefined && valueText(JSON.parse(JSON.stringify(value))) === valueText(value)
  } catch {
    return false
  }
}
