import { installScriptRuntime } from './script/script-runtime.ts'

installScriptRuntime()

export {
  asset, assets, output, external, sqlAsset, ref, self, skip, meta,
  sql, param,
  task, step, sleep, approval, flow, job, schedule, sensor,
  resource, use, env, limit,
  daily, hourly, weekly, monthly, oneOf, dynamic, grid,
  log, currentRun, currentStep,
  defineConfig, SluiceError, errorCodes,
} from '@sluice/core'
export type {
  AnyAsset, Asset, AssetContext, AssetOptions, At, CheckOptions, CheckOutcome, Config, Configured, Duration, Edge, ErrorCode, Flow,
  FlowEnd, FlowOptions, IoFactory, IoManager, Job, Launchable, Launched, Limit, Metadata, MetadataValue, Outcome, PartitionOf, Partitions, Resource,
  Results, Retries, Slices, Source, Sql, Table, Task, TaskOptions, Window,
} from '@sluice/core'
export { load } from './script/load.ts'
export { files } from '@sluice/engine'
