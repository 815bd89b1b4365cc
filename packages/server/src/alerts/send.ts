import { type AlertChannel, type AlertMessage, type AlertSettings, type EnvText, fillEnvText } from '@sluice/core'
import type { Sent } from './retry.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Milliseconds that a receiver is waited for. */
const patience = 10_000

/** Sends one message, and says what came back. Never throws; what it says has no value of a variable in it. */
export async function send(
  channel: AlertChannel,
  settings: AlertSettings,
  message: AlertMessage,
  environment: Environment,
): Promise<Sent> {
  const secrets = new Map<string, string>()
  const fill = (text: EnvText): string => {
    for (const part of text) {
      const value = typeof part === 'string' ? undefined : environment[part.env]
      if (typeof part !== 'string' && value) secrets.set(value, part.env)
    }
    return fillEnvText(text, environment)
  }
  const hide = (text: string): string =>
    [...secrets].reduce((rest, [value, name]) => rest.replaceAll(value, `[${name}]`), text).slice(0, 500)
  try {
    const sent = await (channel === 'webhook' ? post(settings, message, fill) : mail(settings, message, fill))
    return { ok: sent.ok, says: hide(sent.says) }
  } catch (error) {
    return { ok: false, says: hide((error as Error).message) }
  }
}

/** What a webhook gets: the words for people, and the facts beside them. */
export const payloadOf = ({ id, kind, at, title, text, data }: AlertMessage) => ({
  // What it is about must not stand for what it is.
  ...(data as object),
  id,
  kind,
  at: new Date(at).toISOString(),
  title,
  text,
})

async function post({ webhook }: AlertSettings, message: AlertMessage, fill: (text: EnvText) => string): Promise<Sent> {
  if (!webhook) return gone('webhook')
  const url = fill(webhook.url)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    return { ok: false, says: 'The address of the webhook is no http or https address.' }
  const own = Object.entries(webhook.headers).map(([name, value]) => [name, fill(value)] as const)
  let response: Response
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': message.id, ...Object.fromEntries(own) },
      body: JSON.stringify(payloadOf(message)),
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
    })
  } catch (error) {
    const { cause, message: says } = error as Error
    return { ok: false, says: cause instanceof Error ? `${says}: ${cause.message}` : says }
  }
  const body = (await response.text().catch(() => '')).trim().slice(0, 200)
  return { ok: response.ok, says: `HTTP ${response.status}${body === '' ? '' : ` ${body}`}` }
}

async function mail(
  { mail: its }: AlertSettings,
  message: AlertMessage,
  fill: (text: EnvText) => string,
): Promise<Sent> {
  if (!its) return gone('mail')
  const { createTransport } = await import('nodemailer')
  const from = fill(its.from)
  const limits = { connectionTimeout: patience, greetingTimeout: patience, socketTimeout: patience }
  const transport = createTransport({ url: fill(its.url), ...limits })
  try {
    const { response } = await transport.sendMail({
      from,
      to: its.to.map(fill),
      subject: message.title,
      text: message.text,
      // The same in every repetition: mail programs show it once.
      messageId: `<${message.id}@${
        from
          .split('@')
          .at(-1)
          ?.replace(/[^\w.-]/g, '') ?? 'sluice'
      }>`,
      headers: { 'x-sluice-incident': message.id, 'x-sluice-kind': message.kind },
    })
    return { ok: true, says: response }
  } finally {
    transport.close()
  }
}

const gone = (channel: AlertChannel): Sent => ({
  ok: false,
  says: `The active code configures no ${channel} any more.`,
})
