import { type Json, type Run, SluiceError, isTerminalRun } from '@sluice/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { type SubmitEvent, useId, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { CopyButton } from '../elements/copy.tsx'
import { Problem } from '../elements/note.tsx'
import { State } from '../elements/state.tsx'
import { client } from '../frame/client.ts'
import { RunLink } from '../runs/run-link.tsx'
import { valueText } from '../values/value-text.ts'
import { launchCommand, launchCurl, retryCommand, retryCurl } from './launch-command.ts'
import { type Field, fieldText, paramsOf } from './params.ts'

interface LaunchFormProps {
  readonly target: string
  readonly location: string
  /** `null`: all params are written as one JSON; empty: it takes none. */
  readonly fields: readonly Field[] | null
  /** What a run before had. */
  readonly values: Readonly<Record<string, Json>>
  /** What is written as one JSON at the beginning. */
  readonly whole: string
  /** Which partitions, of a job of assets; `null`: it makes none. */
  readonly partition: string | null
  /** The run that it is filled in from. */
  readonly before: Run | undefined
}

/** A launch, as the JSON Schema of the params asks for it. The server has the last word on each field. */
export function LaunchForm({ target, location, fields, values, whole, partition, before }: LaunchFormProps) {
  const navigate = useNavigate()
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    fields
      ? Object.fromEntries(fields.map(({ name, kind, usual }) => [name, fieldText(kind, values[name] ?? usual)]))
      : { '': whole },
  )
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({})
  const [keys, setKeys] = useState(partition ?? '')
  // A run that is over, of what takes params, can be tried again with others.
  const again = before && isTerminalRun(before.state) && before.terms && partition === null ? before : null
  const [from, setFrom] = useState<From>(again?.state === 'succeeded' ? 'start' : 'failure')
  const given = read(fields, texts)
  // Where nothing is filled in, a run before had something perhaps.
  const params = given.params ?? (again && fields?.length !== 0 ? emptyAs(again) : undefined)
  const partitions = keys.trim() === '' ? {} : { partition: keys.trim() }
  const launch = useMutation({
    mutationFn: async (params: Json | undefined) => {
      const body = params === undefined ? {} : { params }
      if (again) return await client.runs.retry({ run: again.id, body: { ...body, from } })
      return await client.runs.launch({ body: { target, location, ...partitions, ...body } })
    },
    onSuccess: async ({ run }) => await navigate({ to: '/runs/$run', params: { run: run.id } }),
    onError: (error) => setProblems(issuesOf(error)),
  })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    setProblems(given.problems)
    if (Object.keys(given.problems).length === 0) launch.mutate(params)
  }
  const about = { target, location, params, ...partitions }
  const retried = again && { run: again.id, from, params }
  const unplaced = launch.error && Object.keys(issuesOf(launch.error)).every((name) => !(name in texts))
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      {before ? (
        <Filled
          before={before}
          again={again !== null}
          takesParams={fields?.length !== 0}
          from={from}
          setFrom={setFrom}
        />
      ) : null}
      {fields?.length === 0 && partition === null ? <p className="text-muted">It takes no params.</p> : null}
      {partition === null ? null : (
        <label className="flex flex-col gap-0.5 font-medium">
          Partitions
          <input value={keys} onChange={({ target: its }) => setKeys(its.value)} className="field font-mono text-xs" />
          <span className="text-xs font-normal text-muted">
            latest, missing, stale, all, a key, A..B or A,B. Empty where nothing of it has any.
          </span>
        </label>
      )}
      {(fields ?? [wholeField]).map((field) => (
        <Input
          key={field.name}
          field={field}
          text={texts[field.name] ?? ''}
          problem={problems[field.name]}
          put={(text) => setTexts({ ...texts, [field.name]: text })}
        />
      ))}
      {unplaced ? <Problem error={launch.error} /> : null}
      <div className="flex flex-wrap items-center gap-2">
        <Button look="main" type="submit" disabled={launch.isPending} icon={<Play size={14} aria-hidden />}>
          Launch
        </Button>
        <CopyButton
          label="Copy as a command"
          word="Copy command"
          text={retried ? retryCommand(retried) : launchCommand(about)}
        />
        <CopyButton
          label="Copy as curl"
          word="Copy curl"
          text={retried ? retryCurl(retried, window.location.origin) : launchCurl(about, window.location.origin)}
        />
      </div>
    </form>
  )
}

type From = 'failure' | 'start'

/** No params, as what it ran takes them. */
const emptyAs = ({ target }: Run): Json => (target.kind === 'task' ? [] : {})

interface FilledProps {
  readonly before: Run
  readonly again: boolean
  readonly takesParams: boolean
  readonly from: From
  readonly setFrom: (from: From) => void
}

/** Which run it is filled in from, and what of it is taken over. */
const Filled = ({ before, again, takesParams, from, setFrom }: FilledProps) => (
  <div className="flex flex-col gap-2">
    <p className="flex flex-wrap items-center gap-x-2">
      Filled in with what <RunLink run={before.id} /> <State state={before.state} /> was given.
    </p>
    {again ? (
      <label className="flex flex-col gap-0.5 font-medium">
        What succeeded in it
        <select value={from} onChange={({ target }) => setFrom(target.value as From)} className="field font-normal">
          <option value="failure">is taken over, for the same arguments</option>
          <option value="start">runs again, as all of it</option>
        </select>
        {from === 'failure' && takesParams ? (
          <span className="text-xs font-normal text-muted">
            With other params a step() and a call with a key of its own run again, as they may come from them.
          </span>
        ) : null}
      </label>
    ) : (
      <p className="text-muted">It will be a run of its own, which takes over nothing.</p>
    )}
  </div>
)

const wholeField: Field = {
  name: '',
  kind: 'json',
  choices: [],
  isRequired: false,
  description: 'As JSON: an object for a flow, the list of arguments for a task.',
  usual: undefined,
}

function read(
  fields: readonly Field[] | null,
  texts: Readonly<Record<string, string>>,
): { params: Json | undefined; problems: Record<string, string> } {
  const { params, problems } = paramsOf(fields ?? [wholeField], texts)
  if (fields === null) return { params: params[''], problems }
  return { params: Object.keys(params).length === 0 ? undefined : params, problems }
}

/** What the server said of single fields. */
function issuesOf(error: unknown): Record<string, string> {
  const issues = error instanceof SluiceError ? error.data?.['issues'] : undefined
  if (!Array.isArray(issues)) return {}
  return Object.fromEntries(
    (issues as { path: string; message: string }[]).map(({ path, message }) => [path.split('.')[0]!, message]),
  )
}

/** With its full stop. */
const sentence = (text: string): string => (text === '' || /[.!?]$/.test(text) ? text : `${text}.`)

interface InputProps {
  readonly field: Field
  readonly text: string
  readonly problem: string | undefined
  readonly put: (text: string) => void
}

function Input({ field: { name, kind, choices, isRequired, description, usual }, text, problem, put }: InputProps) {
  const id = useId()
  const says = [sentence(description), usual === undefined ? '' : `Default: ${valueText(usual)}.`]
    .filter((one) => one !== '')
    .join(' ')
  const common = {
    id,
    value: text,
    'aria-invalid': problem !== undefined,
    'aria-describedby': `${id}-says`,
    required: isRequired,
  }
  const options = kind === 'flag' ? [true, false] : choices
  return (
    <div className="flex flex-col gap-0.5">
      <label htmlFor={id} className="font-medium">
        {name === '' ? 'Params' : name}
        {isRequired ? <span className="font-normal text-muted"> must be given</span> : null}
      </label>
      {kind === 'choice' || kind === 'flag' ? (
        <select {...common} className="field" onChange={({ target }) => put(target.value)}>
          {isRequired && text !== '' ? null : <option value="">{isRequired ? 'Choose…' : 'as by default'}</option>}
          {options.map((choice) => (
            <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>
              {typeof choice === 'boolean'
                ? choice
                  ? 'yes'
                  : 'no'
                : typeof choice === 'string'
                  ? choice
                  : valueText(choice)}
            </option>
          ))}
        </select>
      ) : kind === 'json' ? (
        <textarea
          {...common}
          rows={4}
          spellCheck={false}
          className="field h-auto py-1.5 font-mono text-xs"
          onChange={({ target }) => put(target.value)}
        />
      ) : (
        <input
          {...common}
          inputMode={kind === 'number' ? 'decimal' : 'text'}
          className="field"
          onChange={({ target }) => put(target.value)}
        />
      )}
      <p id={`${id}-says`} className={problem === undefined ? 'text-xs text-muted' : 'text-xs text-bad'}>
        {problem ?? says}
      </p>
    </div>
  )
}
