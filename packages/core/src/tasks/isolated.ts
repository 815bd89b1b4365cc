import type { TaskDefinition } from './task.ts'

const slot = Symbol.for('sluice.isolated.v1')
const holder = globalThis as { [slot]?: Map<string, TaskDefinition[]> }
const byName = (holder[slot] ??= new Map())

/** Remembers a task that runs in a process of its own: that process finds it by name, exported or not. */
export function noteIsolated(definition: TaskDefinition): void {
  const known = byName.get(definition.name)
  if (!known) byName.set(definition.name, [definition])
  else if (!known.some(({ run }) => run === definition.run)) known.push(definition)
}

/** The task with this name; where several have it, the one that was defined at `place`. */
export function isolatedTask(name: string, place: string | undefined): TaskDefinition | undefined {
  const known = byName.get(name) ?? []
  return known.find((task) => task.place() === place) ?? (known.length === 1 ? known[0] : undefined)
}
