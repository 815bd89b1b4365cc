import { type Client, createClient } from '@sluice/api/client'
import { streamAnswered, streamAsked, streamBegun, streamRefused } from './connection.ts'

/** The API of the server that this page is from. A session is a cookie, which pages cannot read. */
export const client: Client = createClient({
  url: '',
  async fetch(input, init) {
    // The client gives it as text.
    const isStream = (input as string).includes('/events/stream')
    if (isStream) streamAsked()
    else await streamBegun
    const response = await fetch(input, init)
    if (isStream) response.ok ? streamAnswered() : streamRefused()
    return response
  },
})
