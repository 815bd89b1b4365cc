/** As much of JSON Schema as the document of the API has. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

const refName = (ref: string): string => ref.split('/').at(-1)!

/** A schema as people write types: `{ run: Run; steps: { [name]: integer } }`. `link`: how the name of a schema is shown. */
export function schemaText(schema: Schema, link: (name: string) => string, indent = ''): string {
  const { $ref, type, enum: list, items, properties, required = [], additionalProperties } = schema
  const of = (one: Schema, deeper = indent): string => schemaText(one, link, deeper)
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if ($ref !== undefined) return link(refName($ref))
  if (choices) return [...new Set(choices.map((one) => of(one)))].join(schema.allOf ? ' & ' : ' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (list) return list.map((one) => JSON.stringify(one)).join(' | ')
  if (properties) {
    const deeper = `${indent}  `
    const lines = Object.entries(properties).map(([name, one]) => {
      const note = one.description === undefined ? '' : `  // ${one.description}`
      return `${deeper}${name}${required.includes(name) ? '' : '?'}: ${of(one, deeper)}${note}`
    })
    return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`
  }
  if (typeof additionalProperties === 'object') return `{ [name]: ${of(additionalProperties)} }`
  if (items) return `${of(items).includes(' | ') ? `(${of(items)})` : of(items)}[]`
  if (typeof type === 'string') return type
  return type ? (type.length > 4 ? 'any' : type.join(' | ')) : 'any'
}
