import { z } from '../route.ts'

/**
 * Where a browser signs in (POST, with the token) and out (DELETE), below the API. It answers with a cookie: the one
 * thing of the API that is for browsers alone, so it is no route of the document. Programs send the token itself.
 */
export const sessionPath = '/session'
export const sessionBody = z.object({ token: z.string().min(1).max(4096) })
