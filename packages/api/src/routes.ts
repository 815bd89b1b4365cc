import { alertRoutes } from './alerts/routes.ts'
import { assetRoutes, partitionRoutes } from './assets/routes.ts'
import { backfillRoutes } from './backfills/routes.ts'
import { conditionRoutes } from './conditions/routes.ts'
import { eventRoutes } from './events/routes.ts'
import { lineageRoutes } from './lineage/routes.ts'
import { failureRoutes } from './failures/routes.ts'
import { runRoutes } from './runs/routes.ts'
import { scheduleRoutes, sensorRoutes, tickRoutes } from './schedules/routes.ts'
import { bundleRoutes, locationRoutes, queueRoutes, serverRoutes, workerRoutes } from './workers/routes.ts'

/** Every route, by noun: the server implements each, and the client has a method for each. */
export const routes = {
  runs: runRoutes,
  assets: assetRoutes,
  lineage: lineageRoutes,
  partitions: partitionRoutes,
  backfills: backfillRoutes,
  events: eventRoutes,
  failures: failureRoutes,
  schedules: scheduleRoutes,
  sensors: sensorRoutes,
  ticks: tickRoutes,
  conditions: conditionRoutes,
  workers: workerRoutes,
  queue: queueRoutes,
  locations: locationRoutes,
  bundles: bundleRoutes,
  server: serverRoutes,
  alerts: alertRoutes,
} as const

export type Routes = typeof routes

/**
 * The version of the API. It grows without a new one: routes, optional fields of requests and fields of answers may be
 * added. What takes one away, or asks for more, is a new version.
 */
export const apiVersion = 1

/** Where all routes are below. */
export const apiBase = '/api'
