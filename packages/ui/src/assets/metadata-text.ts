import type { Metadata } from '@sluice/core'
import { figureText } from '../elements/numbers.ts'

/** Facts that are one word or figure, in a line. */
export const metadataText = (metadata: Metadata): string =>
  Object.entries(metadata)
    .flatMap(([key, fact]) => {
      if (fact.type === 'number') return [`${key} ${figureText(fact.value)}`]
      if (fact.type === 'boolean') return [`${key} ${fact.value ? 'yes' : 'no'}`]
      return fact.type === 'text' || fact.type === 'path' || fact.type === 'url' ? [`${key} ${fact.value}`] : []
    })
    .join(', ')
