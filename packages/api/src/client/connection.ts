import { SluiceError, type ErrorCode, errorCodes } from '@sluice/core'
import type { Problem } from '../errors/problem.ts'
import { apiBase } from '../routes.ts'

export interface ClientOptions {
  /** Of the server: `http://127.0.0.1:4747`. */
  readonly url: string
  /** Sent as a bearer token. */
  readonly token?: string
  /** Default: the global one. */
  readonly fetch?: typeof fetch
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
}

/** What asks the server for something below the API, by path: the answer, if it is a good one. */
export type Connection = (path: string, asked?: Asked) => Promise<Response>

/** @throws what it gives: SluiceError with the server's own code; SERVER_UNREACHABLE where there is no answer. */
export function openConnection({ url, token, fetch: send = fetch }: ClientOptions): Connection {
  const base = url.replace(/\/+$/, '') + apiBase
  return async (path, { method = 'GET', headers, body, signal } = {}) => {
    let response: Response
    try {
      response = await send(base + path, {
        method,
        headers: {
          accept: 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      })
    } catch (cause) {
      if (signal?.aborted) throw cause
      throw new SluiceError('SERVER_UNREACHABLE', `No server answers at ${url}.`, {
        cause,
        hint: 'Start one with: sluice dev. Another address is given with --server or SLUICE_SERVER.',
      })
    }
    if (response.ok) return response
    const said = (await response.json().catch(() => null)) as Problem | null
    throw errorOf(said, `The server answered ${response.status}.`)
  }
}

/** The error that a server told of. */
export function errorOf(said: Problem | null, otherwise: string): SluiceError {
  const code = said && Object.hasOwn(errorCodes, said.code) ? (said.code as ErrorCode) : 'INTERNAL'
  return new SluiceError(code, said?.detail ?? otherwise, {
    ...(said?.hint !== undefined && { hint: said.hint }),
    ...(said?.data !== undefined && { data: said.data }),
  })
}
