import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Permission } from '@sluice/api'
import { SluiceError } from '@sluice/core'
import { parse } from 'hono/utils/cookie'

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
  // A link that a person follows shows what it leads to, to that person alone.
  const isFollowed = headers.get('sec-fetch-mode') === 'navigate' && headers.get('sec-fetch-dest') === 'document'
  if (origin === null && site !== null && !['same-origin', 'none'].includes(site) && !isFollowed)
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

/** What a browser holds in the place of the token. */
export const sessionOf = (token: string): string =>
  createHmac('sha256', token).update('sluice session').digest('base64url')

/** Cookies belong to a host whatever the port: each server has its own name. */
export const sessionCookie = (headers: Headers): string =>
  `sluice_session_${/:(\d+)$/.exec(headers.get('host') ?? '')?.[1] ?? 'web'}`

/** @throws SluiceError UNAUTHORIZED. */
export function checkToken(given: string, { token }: Access): void {
  if (token === null || timingSafeEqual(digest(given), digest(token))) return
  throw new SluiceError('UNAUTHORIZED', given === '' ? 'This server asks for a token.' : 'This token is not known.', {
    hint: 'The variable SLUICE_TOKEN brings it, of the server and of who asks it.',
  })
}

/**
 * May this be done? Every route names its permission; the one token there is gives all of them. Programs send it; a
 * browser that signed in sends the cookie that it got for it, to us alone: `checkOrigin` has refused other sites.
 *
 * @throws SluiceError UNAUTHORIZED.
 */
export function checkPermission(headers: Headers, access: Access, _permission: Permission): void {
  const { token } = access
  if (token === null) return
  const given = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? ''
  if (given === '' && hasSession(headers, token)) return
  checkToken(given, access)
}

function hasSession(headers: Headers, token: string): boolean {
  const session = parse(headers.get('cookie') ?? '')[sessionCookie(headers)]
  return session !== undefined && timingSafeEqual(digest(session), digest(sessionOf(token)))
}
