import { given, textIn } from '../runs/search.ts'

/** What is chosen on the page of an asset. */
export interface Chosen {
  /** Partitions, as a launch takes them. */
  readonly partition?: string
  /** The part of them that is shown. */
  readonly zoom?: string
  /** Is the form of a backfill open? */
  readonly backfill?: true
}

/** A part of it, for another: `undefined` is what goes. */
export type Change = { readonly [K in keyof Chosen]: Chosen[K] | undefined }

export const chosenSearch = ({ partition, zoom, backfill }: Record<string, unknown>): Chosen =>
  given({ partition: textIn(partition), zoom: textIn(zoom), backfill: backfill === true ? true : undefined })
