import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { SluiceError } from '@sluice/core'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context as Request } from 'hono'

/** What the pages of the app may do: run and draw what comes from here, ask here, and nothing else; nobody frames them. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  // Where large graphs are laid out.
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

interface File {
  readonly type: string
  readonly bytes: Buffer
  readonly zipped: Buffer
  readonly tag: string
}

/**
 * The web app: files below `/assets/`, which are named by their content and never change; and its one page, at every
 * other address that a browser goes to, as the app itself reads the address. They hold nothing that is secret, and are
 * sent without a token: the API asks for it.
 *
 * @param folder gives where the built files are. It is asked at the first visit, and again after it failed.
 */
export function addApp(app: OpenAPIHono, folder: () => Promise<string>): void {
  let reading: Promise<ReadonlyMap<string, File>> | null = null
  const files = (): Promise<ReadonlyMap<string, File>> =>
    (reading ??= folder()
      .then(readFiles)
      .catch((cause: unknown) => {
        reading = null
        throw new SluiceError('INTERNAL', `The app has no files: ${(cause as Error).message}`, { cause })
      }))

  app.get('/assets/:name', async (request, next) => {
    const file = (await files()).get(`assets/${request.req.param('name')}`)
    if (!file) return await next()
    return send(request, file, { 'cache-control': 'public, max-age=31536000, immutable' })
  })
  app.get('*', async (request, next) => {
    // Programs that ask for what is not there are told so.
    if (!request.req.header('accept')?.includes('text/html') || /^\/api(?:\/|$)/.test(request.req.path))
      return await next()
    const page = (await files()).get('index.html')
    if (!page) return await next()
    return send(request, page, {
      'cache-control': 'no-cache',
      'content-security-policy': policy,
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    })
  })
}

function send(request: Request, file: File, headers: Record<string, string>): Response {
  const all = { ...headers, etag: file.tag, vary: 'accept-encoding' }
  if (request.req.header('if-none-match') === file.tag) return request.body(null, 304, all)
  const isZipped = /\bgzip\b/.test(request.req.header('accept-encoding') ?? '')
  const body = new Uint8Array(isZipped ? file.zipped : file.bytes)
  return request.body(body, 200, { ...all, 'content-type': file.type, ...(isZipped && { 'content-encoding': 'gzip' }) })
}

/** All of them, in memory: less than 2 MB, and no request ever names a path of the disk. */
async function readFiles(folder: string): Promise<ReadonlyMap<string, File>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && types[extname(entry.name)] !== undefined)
    .map(async (entry): Promise<[string, File]> => {
      const path = join(entry.parentPath, entry.name)
      const bytes = await readFile(path)
      const zipped = await promisify(gzip)(bytes, { level: 9 })
      const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 20)}"`
      return [relative(folder, path).split(sep).join('/'), { type: types[extname(path)]!, bytes, zipped, tag }]
    })
  return new Map(await Promise.all(files))
}
