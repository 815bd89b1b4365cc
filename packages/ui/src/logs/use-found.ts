import { useEffect, useRef, useState } from 'react'
import { client } from '../frame/client.ts'

/** Lines of a log that contain a text. */
export interface Found {
  /** Ids of the lines, in their order. */
  readonly ids: readonly number[]
  /** All of the log was looked at. */
  readonly isWhole: boolean
  readonly error: unknown
}

interface Looked extends Found {
  /** The question that it answers. */
  readonly of: string
  /** Lines up to this one were looked at. */
  readonly to: number
}

interface FoundQuery {
  readonly run: string
  readonly step: number | undefined
  readonly text: string
  /** The id of the last line that was read. Of a run that goes on what comes behind it is looked at when it has come. */
  readonly last: number | undefined
  readonly isActive: boolean
}

/** After the last letter, before it is asked. In milliseconds. */
const patience = 150
const nothing: Looked = { of: '', to: 0, ids: [], isWhole: true, error: null }

/** The server looks, through all of the log, whatever of it the page has. */
export function useFound({ run, step, text, last = 0, isActive }: FoundQuery): Found {
  const [found, setFound] = useState<Looked>(nothing)
  const newest = useRef(last)
  newest.current = last
  const of = text === '' ? '' : JSON.stringify([run, step, text])
  const look = async (from: Looked, signal: AbortSignal): Promise<void> => {
    const to = newest.current
    let cursor: string | null = String(from.to)
    let { ids } = from
    try {
      while (cursor !== null) {
        const asked = { run, text, cursor, ...(step !== undefined && { step }) }
        const page: { ids: number[]; next: string | null } = await client.runs.find(asked, { signal })
        const behind = ids.at(-1) ?? 0
        ids = [...ids, ...page.ids.filter((id) => id > behind)]
        cursor = page.next
        if (cursor === null || !from.isWhole) setFound({ of, to, ids, isWhole: cursor === null, error: null })
      }
    } catch (error) {
      if (!signal.aborted) setFound((before) => ({ ...before, error }))
    }
  }
  useEffect(() => {
    const begin = { ...nothing, of, isWhole: of === '' }
    setFound(begin)
    if (of === '') return
    const stop = new AbortController()
    const timer = setTimeout(() => void look(begin, stop.signal), patience)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [of])
  useEffect(() => {
    if (!isActive || of === '' || found.of !== of || !found.isWhole || last <= found.to) return
    const stop = new AbortController()
    void look(found, stop.signal)
    return () => stop.abort()
  }, [of, last, isActive, found.isWhole])
  return found
}
