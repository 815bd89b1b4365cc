import { openSqliteInProcess } from '@sluice/storage'
import { describe } from 'vitest'
import { filtersOfRuns } from '../fixtures/filters-of-runs.ts'

describe('on SQLite', () => {
  filtersOfRuns(() => openSqliteInProcess(':memory:'))
})
