export { type Asked, type SensorLook, evaluateSchedule, evaluateSensor } from './testing/evaluate.ts'
export { type FakeClock, fakeClock } from './testing/fake-clock.ts'
export type { MaterializeArgs, MaterializeGiven } from './testing/given.ts'
export { type Materialized, materialize } from './testing/materialize.ts'
export { memory, table } from '@sluice/engine'
export { type FlowOutcome, type RunFlowArgs, type TestStep, runFlow } from './testing/run-flow.ts'
export type { TestOptions } from './testing/world.ts'
export {
  type ConditionLook,
  type RequestedByCondition,
  type WatchedConditions,
  watchConditions,
} from './testing/watch-conditions.ts'
