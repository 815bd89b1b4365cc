import { readFile } from 'node:fs/promises'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { openApi } from './openapi.ts'
import { permissions } from './permissions.ts'
import { routesHash, wire } from './fixtures/wire.ts'

interface Operation {
  readonly 'x-permission'?: string
  readonly summary?: string
  readonly parameters?: readonly { readonly name: string }[]
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { schema: Schema }>> }>>
}
interface Schema {
  readonly type?: string
  readonly items?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
}
const operations = Object.entries(openApi().paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, Operation>).map(([method, one]) => ({ ...one, path, method })),
)

describe('the document', () => {
  test('is valid OpenAPI 3.1, by a published validator', async () => {
    const validate = (document: object) => new Validator().validate({ ...document })
    expect(await validate(openApi())).toMatchObject({ valid: true })
    expect(await validate({ ...openApi(), paths: { '/runs': { get: { responses: 7 } } } })).toMatchObject({
      valid: false,
    })
  })

  test('is the one that is checked in', async () => {
    const kept = JSON.parse(await readFile(new URL('../openapi.json', import.meta.url), 'utf8')) as unknown
    expect(kept, 'packages/api/openapi.json is stale: run npm run openapi').toEqual(
      JSON.parse(JSON.stringify(openApi())),
    )
  })

  test('every route says what it is for and which permission it asks for, and refuses with a Problem', () => {
    for (const one of operations) {
      const name = `${one.method} ${one.path}`
      expect(permissions, name).toContain(one['x-permission'])
      expect(one.summary, name).toMatch(/^[A-Z]/)
      expect(one.responses['default']?.content, name).toHaveProperty('application/problem+json')
    }
    expect(operations.length).toBeGreaterThan(45)
  })

  test('every permission is asked for by some route', () => {
    const asked = new Set(operations.map((one) => one['x-permission']))
    expect(permissions.filter((one) => !asked.has(one))).toEqual([])
  })

  test('whatever answers a list takes a limit and a cursor, and says where the next page begins', () => {
    // Bounded by what they are: what a route was given or asked, what one run waits for at a time, the parts of a condition,
    // what is looked at by one question; a graph, whose rows refer to each other, says how many it may have.
    const bounded = new Set([
      '/runs/{run}/why',
      '/conditions/{asset}/why',
      '/assets/{asset}',
      '/assets/{asset}/places',
      '/health',
      '/lineage',
      '/runs/counts',
      '/runs/{run}/logs/find',
      '/failures/acknowledged',
      '/failures/mended',
    ])
    const lists = operations.filter(({ path, method, responses }) => {
      const answer = (responses['200'] ?? responses['201'])?.content['application/json']?.schema
      const rows = Object.values(answer?.properties ?? {}).filter(({ type }) => type === 'array')
      return method === 'get' && rows.length > 0 && !bounded.has(path)
    })
    for (const { path, parameters = [], responses } of lists) {
      const names = parameters.map(({ name }) => name)
      expect(names, path).toEqual(expect.arrayContaining(['cursor', 'limit']))
      expect(responses['200']?.content['application/json']?.schema.properties, path).toHaveProperty('next')
    }
    expect(lists.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        '/runs',
        '/assets',
        '/events',
        '/schedules',
        '/sensors',
        '/ticks',
        '/workers',
        '/alerts',
      ]),
    )
    expect(lists.length).toBeGreaterThanOrEqual(17)
  })
})

describe('the wire', () => {
  const recorded = async () =>
    JSON.parse(await readFile(new URL('../wire.json', import.meta.url), 'utf8')) as Awaited<ReturnType<typeof wire>>

  test('routes: what old clients rely on is changed on purpose', async () => {
    expect(
      (await wire()).api,
      'What is sent over HTTP has changed. If old clients still work (a route, an optional field of a request or a ' +
        'field of an answer was added): npm run openapi records it. If not, raise apiVersion in routes.ts first, and ' +
        'keep answering the version before for one release.',
    ).toEqual((await recorded()).api)
  })

  test('messages of workers: server and worker of one version understand each other', async () => {
    expect(
      (await wire()).workers,
      'What server and worker say to each other has changed. If a worker of the release before could not take part ' +
        '(a message or a field is gone, or is needed now), raise protocolVersion in workers/messages.ts, so that it ' +
        'is refused instead of misunderstood. Then npm run openapi records it.',
    ).toEqual((await recorded()).workers)
  })

  test('a change is seen, and words for people are none', async () => {
    const { api } = await wire()
    const document = openApi()
    const changed = (list: object): string => {
      const { '/runs': runs, ...paths } = document.paths
      return routesHash({ ...document, paths: { ...paths, '/runs': { ...runs, get: { ...runs!['get'], ...list } } } })
    }
    expect(changed({ summary: 'Some runs' })).toBe(api.sha256)
    expect(changed({ parameters: [] })).not.toBe(api.sha256)
  })
})
