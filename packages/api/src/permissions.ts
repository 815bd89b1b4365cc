/** What a route may be asked to do. Each route names exactly one, and a token is given some of them. */
export const permissions = [
  'runs:read',
  'runs:launch',
  'runs:cancel',
  'runs:answer',
  'assets:read',
  'assets:write',
  'assets:report',
  'backfills:read',
  'backfills:write',
  'schedules:read',
  'schedules:write',
  'sensors:read',
  'sensors:write',
  'limits:read',
  'workers:read',
  'workers:join',
  'locations:read',
  'locations:deploy',
  'events:read',
  'values:read',
  'server:read',
  'alerts:read',
  'alerts:send',
] as const

export type Permission = (typeof permissions)[number]
