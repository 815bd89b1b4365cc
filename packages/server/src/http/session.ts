import { apiBase, sessionBody, sessionPath } from '@sluice/api'
import { SluiceError } from '@sluice/core'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context as Request } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { checkBody } from './body.ts'
import { type Access, checkToken, sessionCookie, sessionOf } from './guard.ts'

/**
 * Sign-in of a browser: it gives the token once and gets a cookie, which its pages cannot read, which no other site's
 * request carries, and which ends with the browser. The cookie is made from the token: a new token ends all sessions.
 *
 * @throws SluiceError UNAUTHORIZED.
 */
export function addSession(app: OpenAPIHono, access: Access): void {
  const cookie = (request: Request) => ({
    httpOnly: true,
    sameSite: 'Strict' as const,
    path: apiBase,
    // Behind a proxy that speaks TLS.
    secure: request.req.header('x-forwarded-proto') === 'https',
  })
  app.post(apiBase + sessionPath, async (request) => {
    await checkBody(request)
    const asked = sessionBody.safeParse(await request.req.json())
    if (!asked.success) throw new SluiceError('REQUEST_INVALID', 'The body must have a token, as text.')
    checkToken(asked.data.token, access)
    if (access.token !== null)
      setCookie(request, sessionCookie(request.req.raw.headers), sessionOf(access.token), cookie(request))
    return request.json({ signedIn: true })
  })
  app.delete(apiBase + sessionPath, (request) => {
    deleteCookie(request, sessionCookie(request.req.raw.headers), cookie(request))
    return request.json({ signedIn: false })
  })
}
