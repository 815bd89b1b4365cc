import { timingSafeEqual, createHash } from 'node:crypto'
import type { Permission } from '@sluice/api'
import { SluiceError } from '@sluice/core'

/** Who may do what: without tokens everybody who reaches the loopback interface is the one local user. */
export interface Access {
  /** A token that may do everything; `null`: none is asked for, which only a loopback address allows. */
  readonly token: string | null
  /** Names that a request may come for (`Host`), with their ports. */
  readonly hosts: readonly string[]
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Characters of a token that others than this machine can try. */
const shortestToken = 32

/** @throws SluiceError FORBIDDEN where another bind than loopback has no token, or a short one. */
export function checkBind(host: string, token: string | null): void {
  const isLoopback = host === '127.0.0.1' || host === 'localhost' || host === '::1'
  if (isLoopback) return
  if (token !== null) {
    if (token.length >= shortestToken) return
    throw new SluiceError('FORBIDDEN', `On ${host} a token of ${token.length} characters can be guessed.`, {
      hint: `Set SLUICE_TOKEN to at least ${shortestToken} characters: openssl rand -hex 32 prints some.`,
    })
  }
  throw new SluiceError('FORBIDDEN', `Without a token the server listens on this machine only, not on ${host}.`, {
    hint: `Set SLUICE_TOKEN (at least ${shortestToken} characters), or leave --host out.`,
  })
}

/**
 * Refuses a request that a page of another site made: its `Host` is not one of ours (DNS rebinding), or its `Origin`
 * is another one's.
 *
 * @throws SluiceError FORBIDDEN.
 */
export function checkOrigin(headers: Headers, access: Access): void {
  const host = headers.get('host') ?? ''
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (!loopback.has(name) && !access.hosts.includes(host.toLowerCase()) && !access.hosts.includes(name)) {
    throw new SluiceError('FORBIDDEN', `The name ${JSON.stringify(host)} is not one that this server answers to.`, {
      hint: 'Start it with --allow-host NAME.',
    })
  }
  const origin = headers.get('origin')
  if (origin !== null && !isSame(origin, host))
    throw new SluiceError('FORBIDDEN', `A page of ${origin} may not use this server.`)
  const site = headers.get('sec-fetch-site')
  if (origin === null && site !== null && !['same-origin', 'none'].includes(site))
    throw new SluiceError('FORBIDDEN', 'A page of another site may not use this server.')
}

function isSame(origin: string, host: string): boolean {
  try {
    return new URL(origin).host.toLowerCase() === host.toLowerCase()
  } catch {
    return false
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * May this be done? Every route names its permission; the one token there is gives all of them.
 *
 * @throws SluiceError UNAUTHORIZED.
 */
export function checkPermission(headers: Headers, { token }: Access, _permission: Permission): void {
  if (token === null) return
  const given = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? ''
  if (timingSafeEqual(digest(given), digest(token))) return
  throw new SluiceError('UNAUTHORIZED', given === '' ? 'This server asks for a token.' : 'This token is not known.', {
    hint: 'The variable SLUICE_TOKEN brings it, of the server and of who asks it.',
  })
}
