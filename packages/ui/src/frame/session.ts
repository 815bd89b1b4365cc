import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'
import { retryNow } from './connection.ts'
import { queries } from './queries.ts'

/** Does the server answer, and does it know us? */
export const healthQuery = queryOptions({ queryKey: ['health'], queryFn: () => client.server.health() })

/** Ends the session of this browser. Where the server asks for no token nothing changes. */
export async function signOut(): Promise<void> {
  await fetch('/api/session', { method: 'DELETE' })
  await queries.resetQueries()
}

/**
 * Gives the server its token, once: it answers with a cookie that no page can read, for as long as the browser is open.
 *
 * @returns `false`: it is not the token.
 */
export async function signIn(token: string): Promise<boolean> {
  const body = JSON.stringify({ token })
  const response = await fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  if (response.ok) {
    retryNow()
    await queries.invalidateQueries()
  }
  return response.ok
}
