import type { CheckResult, Materialization, Run, Step } from '@sluice/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { MetadataView } from '../assets/metadata-view.tsx'
import { CheckState } from '../checks/check-state.tsx'
import { CopyButton } from '../elements/copy.tsx'
import { Facts, Panel } from '../elements/panel.tsx'
import { State } from '../elements/state.tsx'
import { Lasted, Time } from '../elements/time.tsx'
import { client } from '../frame/client.ts'
import { encodedText } from '../values/value-text.ts'
import { Stored, ValueText } from '../values/value-view.tsx'
import { RunLink } from './run-link.tsx'
import { causeText, runBefore, tagTexts } from './words.ts'

const linkClass = 'text-accent hover:underline'

/** What a run recorded of assets, and what its checks came to. */
export const madeQuery = (run: string) =>
  queryOptions({
    queryKey: ['run', run, 'made'],
    async queryFn({ signal }) {
      const [{ records }, { checks }] = await Promise.all([
        client.runs.made({ run, limit: 200 }, { signal }),
        client.runs.checks({ run, limit: 200 }, { signal }),
      ])
      return { records, checks }
    },
  })

/** The run as a whole, or the step that is looked at: what went in, what came out. */
export function RunDetails({ run, step }: { readonly run: Run; readonly step: Step | undefined }) {
  const { data } = useQuery(madeQuery(run.id))
  const records = (data?.records ?? []).filter((one) => !step || one.step === step.step)
  const checks = (data?.checks ?? []).filter((one) => !step || one.step === step.step)
  return (
    <Panel title={step ? `Step ${step.step}: ${step.name}` : 'This run'}>
      <div className="flex flex-col gap-3">
        {step ? <StepFacts step={step} /> : <RunFacts run={run} />}
        <Made records={records} />
        <Checks checks={checks} />
      </div>
    </Panel>
  )
}

function RunFacts({ run }: { readonly run: Run }) {
  const { cause, terms, target } = run
  const before = runBefore(run)
  return (
    <>
      <Facts
        facts={[
          ['Id', <RunId key="it" id={run.id} />],
          ['Created', <Time key="at" at={run.createdAt} />],
          ['Started', run.startedAt === null ? null : <Time key="at" at={run.startedAt} />],
          ['Waited', run.startedAt === null ? null : <Lasted key="it" from={run.createdAt} to={run.startedAt} />],
          [
            'Started by',
            cause.by === 'backfill' && cause.name !== undefined ? (
              <Link key="it" to="/backfills/$backfill" params={{ backfill: cause.name }} className={linkClass}>
                backfill {cause.name}
              </Link>
            ) : (
              causeText(run)
            ),
          ],
          ['Due', cause.scheduledFor === undefined ? null : <Time key="at" at={cause.scheduledFor} />],
          [
            'Launched in',
            cause.parent ? <RunLink key="it" run={cause.parent.run} step={cause.parent.step} isWhole /> : null,
          ],
          ['Tries again', before === null ? null : <Before key="it" run={run.id} before={before} />],
          ['Resumed', run.resumes === 0 ? null : `${run.resumes} times, after its process died`],
          ['Owners', run.owners.join(', ')],
          ['Tags', tagTexts(run.tags).join(', ')],
          ['Assets', 'assets' in target ? <AssetLinks key="it" assets={target.assets} /> : null],
          [
            'Partitions',
            'partitions' in target && target.partitions ? target.partitions.slice(0, 50).join(', ') : null,
          ],
          ['Pool', terms?.pool],
          ['Limits', terms?.limits.map(({ name, key }) => (key === null ? name : `${name} of ${key}`)).join(', ')],
          ['Location', terms?.location],
          [
            'Code',
            run.codeVersion === null ? null : (
              <code key="it" className="font-mono text-xs">
                {run.codeVersion.slice(0, 12)}
              </code>
            ),
          ],
        ]}
      />
      {run.params === null ? null : (
        <Part title="Params">
          <ValueText label="Params" text={encodedText(run.params)} />
        </Part>
      )}
      {run.result === null || 'assets' in target ? null : (
        <Part title="Result">
          <Stored label="Result" value={run.result} />
        </Part>
      )}
    </>
  )
}

function StepFacts({ step }: { readonly step: Step }) {
  return (
    <>
      <Facts
        facts={[
          ['State', <State key="it" state={step.state} />],
          ['Why', step.reason],
          ['Kind', step.kind],
          ['Key', step.key],
          ['Started', step.startedAt === null ? null : <Time key="at" at={step.startedAt} />],
          ['Took', step.startedAt === null ? null : <Lasted key="it" from={step.startedAt} to={step.endedAt} />],
          ['Attempts', step.attempt > 1 ? step.attempt : null],
          ['Taken from', step.cachedFrom ? <RunLink key="it" {...step.cachedFrom} isWhole /> : null],
          ['Tags', step.tags.join(', ')],
        ]}
      />
      {step.args === null ? null : (
        <Part title="Arguments">
          <ValueText label="Arguments" text={encodedText(step.args)} />
        </Part>
      )}
      {step.result === null ? null : (
        <Part title="Result">
          <Stored label="Result" value={step.result} />
        </Part>
      )}
    </>
  )
}

export function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div>
      <h3 className="mb-1 font-semibold">{title}</h3>
      {children}
    </div>
  )
}

function Made({ records }: { readonly records: readonly Materialization[] }) {
  if (records.length === 0) return null
  return (
    <Part title="Made">
      <ul className="flex flex-col gap-2">
        {records.map((one) => (
          <li key={one.id}>
            <Link to="/assets/$" params={{ _splat: one.asset }} className={linkClass}>
              {one.asset}
            </Link>{' '}
            <span className="text-muted">
              {[one.partition, one.kind === 'observation' ? 'observed' : ''].filter(Boolean).join(' ')}
            </span>
            {Object.keys(one.metadata).length > 0 ? <MetadataView metadata={one.metadata} /> : null}
          </li>
        ))}
      </ul>
    </Part>
  )
}

function Checks({ checks }: { readonly checks: readonly CheckResult[] }) {
  if (checks.length === 0) return null
  return (
    <Part title="Checks">
      <ul className="flex flex-col gap-1">
        {checks.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-2">
            <CheckState of={one} />
            {one.check}{' '}
            <span className="text-muted">
              of {one.asset} {one.partition}
            </span>
          </li>
        ))}
      </ul>
    </Part>
  )
}

const RunId = ({ id }: { readonly id: string }) => (
  <span className="flex items-center font-mono text-xs">
    {id} <CopyButton label="Copy the id" text={id} />
  </span>
)

const Before = ({ run, before }: { readonly run: string; readonly before: string }) => (
  <>
    <RunLink run={before} isWhole />{' '}
    <Link to="/runs/compare" search={{ a: before, b: run }} className={`${linkClass} inline-block leading-6`}>
      Compare
    </Link>
  </>
)

function AssetLinks({ assets }: { readonly assets: readonly string[] }) {
  const rest = assets.length - 30
  return (
    <span className="flex flex-wrap gap-x-2">
      {assets.slice(0, 30).map((name) => (
        <Link key={name} to="/assets/$" params={{ _splat: name }} className={`${linkClass} leading-6`}>
          {name}
        </Link>
      ))}
      {rest > 0 ? <span className="text-muted">and {rest} more</span> : null}
    </span>
  )
}
