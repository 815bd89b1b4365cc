import type { Json } from '@sluice/core'

const quoted = (text: string): string => (/^[\w./=:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

export interface Launch {
  readonly target: string
  readonly location: string
  readonly params: Json | undefined
  readonly partition?: string
}

/** The same launch for a terminal. */
export function launchCommand({ target, params, partition }: Launch): string {
  const isObject = typeof params === 'object' && params !== null && !Array.isArray(params)
  const given = isObject
    ? Object.entries(params).map(
        ([name, value]) => `--param ${quoted(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)}`,
      )
    : params === undefined
      ? []
      : [`--params ${quoted(JSON.stringify(params))}`]
  return ['sluice run', quoted(target), ...given, ...(partition ? [`--partition ${quoted(partition)}`] : [])].join(' ')
}

/** The same launch for a program that speaks HTTP. */
export function launchCurl({ target, location, params, partition }: Launch, url: string): string {
  const body = { target, location, ...(params !== undefined && { params }), ...(partition && { partition }) }
  return `curl -X POST ${quoted(`${url}/api/runs`)} -H 'content-type: application/json' -d ${quoted(JSON.stringify(body))}`
}
