import { SluiceError } from '@sluice/core'
import type { HandlersOf } from '../http/handlers.ts'
import { pageOf } from '../http/page.ts'
import { alertSettings } from './alert-passes.ts'
import { testMessage } from './incident.ts'
import { receiversOf } from './receivers.ts'
import { send } from './send.ts'

export const alertHandlers: HandlersOf<'alerts'> = {
  async list({ store }, { cursor: before, limit }) {
    const rows = await store.alerts.list({ limit: limit + 1, ...(before !== undefined && { before }) })
    const { page: alerts, next } = pageOf(rows, limit, ({ id }) => id)
    return { alerts, next }
  },
  async test({ locations, now }, { body }) {
    const settings = await alertSettings(locations)
    const asked = body.location === undefined ? [...settings.keys()] : [body.location]
    const receivers = receiversOf(asked, settings)
    if (receivers.length === 0) {
      const whose = body.location === undefined ? 'No active code' : `The active code of "${body.location}"`
      throw new SluiceError('NOT_FOUND', `${whose} configures no alerts for this environment.`, {
        hint: "alerts: () => ({ webhook: { url: env('ALERT_URL') } }) in sluice.config.ts.",
      })
    }
    const sent = receivers.map(async ({ location, channel, settings: its }) => ({
      location,
      channel,
      ...(await send(channel, its, testMessage(location, now()), process.env)),
    }))
    return { sent: await Promise.all(sent) }
  },
}
