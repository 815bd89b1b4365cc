import type { ExplainedLine, TraceRecord } from './trace.ts'

type Words = readonly [yes: string, no: string]

/** What a question comes to, where it is true and where it is not. */
const words: Readonly<Record<TraceRecord['op'], Words>> = {
  missing: ['it is missing', 'it was made'],
  runInProgress: ['a run is making it', 'no run is making it'],
  backfillInProgress: ['a backfill is making it', 'no backfill is making it'],
  executionFailed: ['the last run that was to make it failed', 'the last run that was to make it did not fail'],
  initialEvaluation: ['it is looked at for the first time', 'it was looked at before'],
  willBeRequested: ['it is requested now, for the same run', 'it is not requested now for the same run'],
  newlyUpdated: ['it was made since the look before', 'it was not made since the look before'],
  newlyRequested: ['the look before requested it', 'the look before did not request it'],
  codeVersionChanged: ['its code version changed', 'its code version is the same'],
  dataVersionChanged: ['its data version changed', 'its data version is the same'],
  checkPassed: ['it passed', 'it did not pass'],
  checkFailed: ['it failed', 'it did not fail'],
  executedWithRootTarget: ['one run made both', 'no one run made both'],
  freshness: ['its freshness is {}', 'its freshness is not {}'],
  executedWithTags: ['the run that made it has {}', 'the run that made it does not have {}'],
  anyNewUpdateHasRunTags: ['a run that made it now has {}', 'no run made it now that has {}'],
  allNewUpdatesHaveRunTags: ['all runs that made it now have {}', 'not all runs that made it now have {}'],
  inLatestTimeWindow: ['it is the newest by the clock', 'it is not the newest by the clock'],
  cronTickPassed: ['{} ticked since the look before', '{} did not tick since the look before'],
  retryDue: ['its failure is to be tried again now', 'no failure is to be tried again now'],
  and: ['all of these hold', 'not all of these hold'],
  or: ['one of these holds', 'none of these holds'],
  not: ['it is not so that', 'it is so that'],
  newlyTrue: ['it has just become so that', 'it has not just become so that'],
  since: ['the first has happened since the second', 'the first has not happened since the second'],
  anyDepsMatch: ['of something that it is made from:', 'of nothing that it is made from:'],
  allDepsMatch: ['of everything that it is made from:', 'not of everything that it is made from:'],
  anyChecksMatch: ['of one of its checks:', 'of none of its checks:'],
  allChecksMatch: ['of all its checks:', 'not of all its checks:'],
  assetMatches: ['of {}:', 'not of {}:'],
  anyDownstreamConditions: ['something below it asks for it', 'nothing below it asks for it'],
  custom: ['{} says so', '{} does not say so'],
  of: ['yes', 'no'],
}

export const isQuestion = (op: string): boolean => op !== 'of' && Object.hasOwn(words, op)

/** Of the parts that have a name of ours. */
const labels: Readonly<Record<string, Words>> = {
  handled: ['it was dealt with', 'it was not dealt with'],
  dealtWith: ['it was requested or made', 'it was neither requested nor made'],
  somethingNew: ['something new has not been dealt with', 'there is nothing new'],
  newlyMissing: ['it has just become missing', 'it has not just become missing'],
  missingSinceLastHandled: ['it became missing, which has not been dealt with', 'it has not become missing'],
  anyDepsUpdated: ['something that it is made from was made', 'nothing that it is made from was made'],
  anyDepsMissing: ['something that it is made from is missing', 'nothing that it is made from is missing'],
  anyDepsInProgress: ['something that it is made from is being made', 'nothing that it is made from is being made'],
  inProgress: ['it is being made', 'it is not being made'],
  newlyUpdatedWithoutRoot: ['it was made, by a run of its own', 'it was not made by a run of its own'],
  allBlockingChecksPassed: ['all blocking checks have passed', 'not all blocking checks have passed'],
  allDepsBlockingChecksPassed: [
    'the blocking checks of what it is made from have passed',
    'not all blocking checks of what it is made from have passed',
  ],
}

type Answer = ExplainedLine['answer']
const opposite: Readonly<Record<Answer, Answer>> = { true: 'false', false: 'true', unasked: 'unasked' }

/** What a node of a stored tree says, for one slice or for many. */
export function sentenceOf(record: TraceRecord, answer: Answer, { count, of }: { count: number; of: number }): string {
  const text = holds(record, answer)
  if (answer === 'unasked') return `not asked whether ${text}`
  return of > 1 ? `${text} (${count} of ${of} slices)` : text
}

/** The sentence that holds; where nothing was asked, the one that would make it true. */
function holds(record: TraceRecord, answer: Answer): string {
  const { op, label, detail = '', about, of = [] } = record
  if (op === 'of') return about!
  // A denial in the words of what is denied.
  if (isDenial(record)) return holds(of[0]!, answer === 'unasked' ? 'false' : opposite[answer])
  const its = (label === undefined ? undefined : labels[label]) ?? words[op]
  const isUnsliced = op === 'inLatestTimeWindow' && record.true === true
  const text = isUnsliced ? 'it is not sliced by the clock' : its[answer === 'false' ? 1 : 0].replace('{}', detail)
  return label === undefined || labels[label] ? text : `${label}: ${text}`
}

/** Is it only the denial of its part, and said with it in one line? */
export const isDenial = ({ op, label }: TraceRecord): boolean => op === 'not' && label === undefined
