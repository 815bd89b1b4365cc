import { apiBase, eventStream, routes } from '@sluice/api'
import type { Plugin } from 'vite'

/**
 * The client needs the method and the path of a route; the schemas of its contract (Zod, and what writes OpenAPI) are
 * the server's, and would be a third of what a browser loads.
 */
export function thinRoutes(): Plugin {
  const thin = Object.entries(routes).map(([noun, own]) => [
    noun,
    Object.fromEntries(
      Object.entries(own as Record<string, { method: string; path: string }>).map(([name, { method, path }]) => [
        name,
        { method, path },
      ]),
    ),
  ])
  const table = JSON.stringify(Object.fromEntries(thin))
  const stream = JSON.stringify({ path: eventStream.path })
  return {
    name: 'thin-routes',
    enforce: 'pre',
    load(id) {
      const path = id.split('?')[0]!.replaceAll('\\', '/')
      if (path.endsWith('/packages/api/src/routes.ts'))
        return `export const apiBase = ${JSON.stringify(apiBase)}\nexport const routes = ${table}\n`
      if (path.endsWith('/packages/api/src/events/routes.ts')) return `export const eventStream = ${stream}\n`
      return null
    },
  }
}
