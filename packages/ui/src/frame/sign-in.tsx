import { type SubmitEvent, useId, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { formText } from '../elements/form-text.ts'
import icon from './icon.svg'
import { signIn } from './session.ts'

/** Asks for the server's token. */
export function SignIn() {
  const id = useId()
  const [says, setSays] = useState('')
  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const token = formText(event.currentTarget, 'token')
    setSays('')
    const known = await signIn(token).catch(() => null)
    if (known === null) setSays('The server does not answer. Is it running?')
    if (known === false) setSays('This is not the token of this server.')
  }
  return (
    <main className="flex h-full items-center justify-center p-4">
      <form
        onSubmit={(event) => void submit(event)}
        className="flex w-96 flex-col gap-3 rounded-xl border border-line bg-surface p-6"
      >
        <img src={icon} alt="" width={32} height={32} />
        <h1 className="text-lg font-semibold">Sign in to Sluice</h1>
        <label htmlFor={id} className="text-muted">
          The token of this server: what <code className="font-mono text-xs">SLUICE_TOKEN</code> was when it was
          started.
        </label>
        <input
          id={id}
          name="token"
          type="password"
          autoComplete="current-password"
          required
          className="field"
          autoFocus
        />
        <p role="alert" className="min-h-5 text-bad">
          {says}
        </p>
        <Button look="main" type="submit">
          Sign in
        </Button>
      </form>
    </main>
  )
}
