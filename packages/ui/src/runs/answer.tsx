import type { Json, Run } from '@sluice/core'
import { useMutation } from '@tanstack/react-query'
import { type SubmitEvent, useId } from 'react'
import { Button } from '../elements/button.tsx'
import { formText } from '../elements/form-text.ts'
import { Problem } from '../elements/note.tsx'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'

/** Answers what a run asks a person. Whether the answer fits is checked by the code that asked. */
export function Answer({ run }: { readonly run: Run }) {
  const id = useId()
  const answer = useMutation({
    mutationFn: async (body: { request: string; value: Json; by: string }) =>
      await client.runs.answer({ run: run.id, body }),
    onSuccess: async () => await queries.invalidateQueries({ queryKey: ['run', run.id] }),
  })
  if (run.waitingFor?.for !== 'person') return null
  const { request } = run.waitingFor
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const text = formText(form, 'value')
    let value: Json = text
    try {
      value = JSON.parse(text) as Json
    } catch {
      // What is no JSON is meant as text.
    }
    answer.mutate({ request, value, by: formText(form, 'by') })
  }
  return (
    <form onSubmit={submit} className="mt-2 flex flex-wrap items-end gap-2">
      <label htmlFor={`${id}-value`} className="flex flex-col text-muted">
        Answer to {request}, as JSON
        <input id={`${id}-value`} name="value" required defaultValue="{}" className="field w-72 font-mono text-text" />
      </label>
      <label htmlFor={`${id}-by`} className="flex flex-col text-muted">
        Your name
        <input id={`${id}-by`} name="by" required className="field w-40 text-text" />
      </label>
      <Button look="main" type="submit" disabled={answer.isPending}>
        Answer
      </Button>
      {answer.error ? <Problem error={answer.error} /> : null}
    </form>
  )
}
