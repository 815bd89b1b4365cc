import { next, paged, pagedByNumber, queryNumber, route, z } from '../route.ts'
import { tick, time } from '../shapes.ts'
import { asked, listed, pause, timed } from './shapes.ts'

const params = z.object({ location: z.string(), name: z.string() })

/** A schedule as people see it. */
const schedule = listed.extend({
  /** Made by the code, or at run time. */
  origin: z.enum(['code', 'api']),
  next: time.nullable().describe('When it ticks next; null while it is paused, and where it never does.'),
})

export const scheduleRoutes = {
  list: route({
    method: 'get',
    path: '/schedules',
    permission: 'schedules:read',
    summary: 'Schedules by location and name, with what they decided last and when they tick next',
    query: z.object({ location: z.string().optional(), ...paged() }),
    result: z.object({ schedules: z.array(schedule), next }),
  }),
  get: route({
    method: 'get',
    path: '/schedules/{location}/{name}',
    permission: 'schedules:read',
    summary: 'One schedule',
    params,
    result: z.object({ schedule }),
  }),
  put: route({
    method: 'put',
    path: '/schedules/{location}/{name}',
    permission: 'schedules:write',
    summary: 'Make or change a schedule at run time; deploys never touch it',
    description: 'One of `cron`, `every` and `rrule`. A schedule that code defines cannot be changed.',
    params,
    body: timed,
    result: z.object({ schedule, warnings: z.array(z.string()) }),
  }),
  remove: route({
    method: 'delete',
    path: '/schedules/{location}/{name}',
    permission: 'schedules:write',
    summary: 'Delete a schedule that was made at run time',
    params,
    result: z.object({ removed: z.boolean() }),
  }),
  pause: route({
    method: 'post',
    path: '/schedules/{location}/{name}/pause',
    permission: 'schedules:write',
    summary: 'Pause a schedule, or let it go on from now',
    params,
    body: pause,
    result: z.object({ schedule }),
  }),
  preview: route({
    method: 'get',
    path: '/schedules/{location}/{name}/preview',
    permission: 'schedules:read',
    summary: 'When it ticks, with what daylight saving does to it',
    params,
    query: z.object({
      from: queryNumber.optional().describe('Milliseconds since 1970; default: now.'),
      to: queryNumber.optional().describe('Default: a year later.'),
      timeZone: z.string().optional().describe('To show local times in; default: its own.'),
      ...pagedByNumber(),
    }),
    result: z.object({
      timeZone: z.string(),
      ticks: z.array(
        z.object({
          at: time,
          local: z.string().describe('What clocks show: 2026-03-29T03:00:00+02:00.'),
          daylight: z
            .enum(['gap', 'first', 'second'])
            .nullable()
            .describe('gap: the local time that was meant does not exist; first, second: it comes twice.'),
          meant: z.string(),
        }),
      ),
      changes: z.array(z.object({ at: time, from: z.string(), to: z.string(), kind: z.enum(['gap', 'repeat']) })),
      next,
    }),
  }),
  test: route({
    method: 'post',
    path: '/schedules/{location}/{name}/test',
    permission: 'schedules:write',
    summary: 'What it would launch at a tick; nothing is launched or stored',
    params,
    body: z.object({ scheduledFor: time.exactOptional().describe('Default: its next tick.') }),
    result: z.object({ scheduledFor: time, skipped: z.string().nullable(), runs: z.array(asked) }),
  }),
}

const sensor = listed.extend({
  cursor: z.string().nullable(),
  failures: z.int(),
  next: time.nullable().describe('When it looks next; null while it is paused.'),
})

export const sensorRoutes = {
  list: route({
    method: 'get',
    path: '/sensors',
    permission: 'sensors:read',
    summary: 'Sensors by location and name, with when they look next',
    query: z.object({ location: z.string().optional(), ...paged() }),
    result: z.object({ sensors: z.array(sensor), next }),
  }),
  get: route({
    method: 'get',
    path: '/sensors/{location}/{name}',
    permission: 'sensors:read',
    summary: 'One sensor',
    params,
    result: z.object({ sensor }),
  }),
  pause: route({
    method: 'post',
    path: '/sensors/{location}/{name}/pause',
    permission: 'sensors:write',
    summary: 'Pause a sensor, or let it go on',
    params,
    body: pause,
    result: z.object({ sensor }),
  }),
  test: route({
    method: 'post',
    path: '/sensors/{location}/{name}/test',
    permission: 'sensors:write',
    summary: 'Look once, and say what it would do; nothing is launched or stored',
    params,
    body: z.object({ cursor: z.string().nullable().exactOptional() }),
    result: z.object({
      skipped: z.string().nullable(),
      cursor: z.string().nullable(),
      events: z.int().describe('How many of its events it was shown.'),
      runs: z.array(asked),
      keys: z.array(z.object({ name: z.string(), add: z.array(z.string()), remove: z.array(z.string()) })),
      reports: z.array(
        z.object({
          asset: z.string(),
          partition: z.string().nullable(),
          what: z.enum(['materialization', 'observation']),
          dataVersion: z.string().nullable(),
        }),
      ),
    }),
  }),
}

export const tickRoutes = {
  list: route({
    method: 'get',
    path: '/ticks',
    permission: 'schedules:read',
    summary: 'What was decided at ticks and looks, newest first',
    query: z.object({
      kind: z.enum(['schedule', 'sensor']).optional(),
      location: z.string().optional(),
      name: z.string().optional(),
      outcome: z.enum(['launched', 'skipped', 'failed', 'missed']).optional(),
      ...pagedByNumber(),
    }),
    result: z.object({ ticks: z.array(tick), next }),
  }),
}
