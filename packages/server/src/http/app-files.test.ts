import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '@sluice/engine'
import { openSqliteInProcess } from '@sluice/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, openServer } from '../server.ts'

const token = 'the one user there is, of this server'
const script = `console.log(${JSON.stringify('x'.repeat(3000))})`
let store: Store
let server: Server
let folder: string
let asked = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-app-'))
  store = await openSqliteInProcess(':memory:')
  server = await openServer({
    store,
    port: 0,
    version: '0.1.0',
    token,
    say: () => {},
    async appFolder() {
      asked += 1
      if (asked === 1) throw new Error('not built yet')
      await mkdir(join(folder, 'assets'), { recursive: true })
      await writeFile(join(folder, 'index.html'), '<!doctype html><title>Sluice</title>')
      await writeFile(join(folder, 'assets', 'main-1a2b.js'), script)
      await writeFile(join(folder, 'secret.txt'), 'not a file of the app')
      return folder
    },
  })
})
afterAll(async () => {
  await server.close()
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

const html = { accept: 'text/html,application/xhtml+xml' }
const page = (path: string, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { headers: { ...html, ...headers }, redirect: 'error' })

describe('the app', () => {
  test('is asked for at the first visit, and again where that failed', async () => {
    expect((await page('/')).status).toBe(500)
    expect((await page('/')).status).toBe(200)
    expect((await page('/runs')).status).toBe(200)
    expect(asked).toBe(2)
  })

  test('is one page at every address of its own, which may load nothing but what is here', async () => {
    for (const path of ['/', '/runs', '/assets/raw/orders', '/flows/main/flow/a%2Fb?from=r1']) {
      const response = await page(path)
      expect([path, await response.text()]).toEqual([path, expect.stringContaining('<title>Sluice')])
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('cache-control')).toBe('no-cache')
      const policy = response.headers.get('content-security-policy')!
      expect(policy).toMatch(
        /default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self';.*frame-ancestors 'none'/,
      )
      expect(policy).not.toContain('unsafe')
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('is sent again only where it has changed; files that are named by their content are kept', async () => {
    const first = await page('/')
    const again = await page('/', { 'if-none-match': first.headers.get('etag')! })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const file = await fetch(`${server.url}/assets/main-1a2b.js`)
    expect(await file.text()).toBe(script)
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(file.headers.get('content-encoding')).toBe('gzip')
    const plain = await fetch(`${server.url}/assets/main-1a2b.js`, { headers: { 'accept-encoding': 'identity' } })
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, script])
  })

  test('has no file but its own, and no page where a program asks', async () => {
    for (const path of ['/assets/none.js', '/assets/..%2fsecret.txt', '/assets/%2e%2e/secret.txt', '/secret.txt', '/x'])
      expect([path, (await fetch(server.url + path)).status]).toEqual([path, 404])
    for (const path of ['/api', '/api/none', '/api/runs/none'])
      expect([path, (await page(path, { authorization: `Bearer ${token}` })).headers.get('content-type')]).toEqual([
        path,
        'application/problem+json',
      ])
  })

  test('comes for our names only, not into a frame, and by a link from anywhere', async () => {
    const follow = (headers: Record<string, string>): Promise<number> =>
      new Promise((resolve, reject) => {
        const asking = request(`${server.url}/runs`, { headers: { ...html, ...headers } }, (response) => {
          response.resume()
          resolve(response.statusCode!)
        })
        asking.on('error', reject).end()
      })
    const site = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    expect(await follow({ ...site, 'sec-fetch-dest': 'document' })).toBe(200)
    expect(await follow({ ...site, 'sec-fetch-dest': 'iframe' })).toBe(403)
    expect(await follow({ ...site, 'sec-fetch-dest': 'document', origin: 'https://evil.example' })).toBe(403)
    expect(await follow({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403)
    expect(await follow({ host: 'evil.example' })).toBe(403)
  })
})

describe('a session', () => {
  const signIn = (body: object, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const runs = (headers: Record<string, string>) => fetch(`${server.url}/api/runs`, { headers })

  test('is had for the token, in a cookie that pages cannot read and other sites do not bring', async () => {
    expect((await runs({})).status).toBe(401)
    const response = await signIn({ token })
    const cookie = response.headers.get('set-cookie')!
    expect(cookie).toMatch(/^sluice_session_\d+=[\w-]+; Path=\/api; HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain(encodeURIComponent(token))
    const [pair = ''] = cookie.split(';')
    expect((await runs({ cookie: pair })).status).toBe(200)
    expect((await runs({ cookie: pair, origin: 'https://evil.example' })).status).toBe(403)
    expect((await runs({ cookie: pair, authorization: 'Bearer another' })).status).toBe(401)
    expect((await runs({ cookie: `${pair}x` })).status).toBe(401)
    expect((await runs({ cookie: pair.replace(/_\d+=/, '_1=') })).status).toBe(401)
    const gone = await fetch(`${server.url}/api/session`, { method: 'DELETE', headers: { cookie: pair } })
    expect(gone.headers.get('set-cookie')).toMatch(/Max-Age=0/)
  })

  test('is refused for anything else', async () => {
    expect((await signIn({ token: 'another' })).status).toBe(401)
    expect((await signIn({ token: 'another' })).headers.get('set-cookie')).toBeNull()
    expect((await signIn({})).status).toBe(400)
    expect((await signIn({ token }, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await signIn({ token }, { 'content-type': 'text/plain' })).status).toBe(400)
  })
})
