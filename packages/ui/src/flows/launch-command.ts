import type { Json } from '@sluice/core'

const quoted = (text: string): string => (/^[\w./=:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

export interface Launch {
  readonly target: string
  readonly location?: string
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
  const body = {
    target,
    ...(location !== undefined && { location }),
    ...(params !== undefined && { params }),
    ...(partition && { partition }),
  }
  return post(`${url}/api/runs`, body)
}

interface Retry {
  readonly run: string
  readonly from: 'failure' | 'start'
  readonly params: Json | undefined
}

/** A run that is tried again with these params, for a terminal. */
export const retryCommand = ({ run, from, params }: Retry): string =>
  [
    `sluice runs retry ${run}`,
    ...(from === 'start' ? ['--from start'] : []),
    ...(params === undefined ? [] : [`--params ${quoted(JSON.stringify(params))}`]),
  ].join(' ')

/** The same for a program that speaks HTTP. */
export const retryCurl = ({ run, from, params }: Retry, url: string): string =>
  post(`${url}/api/runs/${run}/retry`, { from, ...(params !== undefined && { params }) })

const post = (url: string, body: object): string =>
  `curl -X POST ${quoted(url)} -H 'content-type: application/json' -d ${quoted(JSON.stringify(body))}`
