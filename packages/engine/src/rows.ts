/** Rows of a store as tests and benchmarks write them: whole, with what a case is about changed. */
export { aMaterialization, aRun, aStep, create, record, terms } from './store/contract/rows.ts'
