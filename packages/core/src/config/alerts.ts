/**
 * Who is told when something needs a person: a run that failed, or crashed for good; a schedule or sensor that fails; code
 * that cannot be loaded; a worker that is not heard of any more. One message for each incident.
 */
export interface Alerts {
  readonly webhook?: WebhookAlerts
  readonly mail?: MailAlerts
}

/** A POST with a JSON body: `id`, `kind`, `at`, `title`, `text` and what it is about. Any answer of 2xx takes it. */
export interface WebhookAlerts {
  /** `env('ALERT_URL')`, or the address itself; http or https. */
  readonly url: string
  /** Sent with each: `{ authorization: `Bearer ${env('ALERT_TOKEN')}` }`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A mail over SMTP. */
export interface MailAlerts {
  /** `smtp://user:password@host:587`, or `smtps://…:465`; best by `env('SMTP_URL')`. */
  readonly url: string
  readonly from: string
  readonly to: string | readonly string[]
}
