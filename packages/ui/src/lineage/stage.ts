import { type Camera, fitted, showing, zoomed } from './camera.ts'
import { draw } from './draw.ts'
import type { Inks } from './inks.ts'
import { frameHead } from './layout.ts'
import { type Scene, itemAt, rectById } from './scene.ts'

/** A size in which names can be read. */
const legible = 0.55
/** What is shown at first is not smaller than this: it may be more than the screen has room for. */
const smallestAtFirst = 0.42
/** A press that moved less than this is a click. In pixels. */
const still = 4

export interface StageEvents {
  /** `null`: beside everything. */
  pick(id: string | null): void
  /** Twice, or once more on what is chosen. */
  open(id: string): void
}

/** A canvas that is looked at through a camera: dragged, zoomed, pinched. Draws at most once a frame. */
export interface Stage {
  /**
   * @param reveal what has to be seen then; `null`: all of it; `undefined`: as before.
   */
  show(scene: Scene, reveal: string | null | undefined): void
  focus(id: string | null): void
  restyle(inks: Inks): void
  zoom(factor: number): void
  fit(): void
  close(): void
}

export function openStage(element: HTMLCanvasElement, events: StageEvents): Stage {
  const canvas = element.getContext('2d')!
  let scene: Scene | null = null
  let inks: Inks | null = null
  let focused: string | null = null
  let camera: Camera = { left: 0, top: 0, scale: 1 }
  let size = { width: 0, height: 0 }
  let pending = 0
  let toFit = false
  const ending = new AbortController()
  const { signal } = ending

  const redraw = (): void => {
    if (pending !== 0) return
    pending = requestAnimationFrame(() => {
      pending = 0
      if (!scene || !inks || size.width === 0) return
      const ratio = devicePixelRatio
      canvas.setTransform(ratio, 0, 0, ratio, 0, 0)
      draw(canvas, scene, { camera, ...size, inks, focus: focused })
    })
  }
  const move = (next: Camera): void => {
    camera = next
    redraw()
  }
  const whole = () => ({ x: 0, y: 0, width: scene?.layout.width || 1, height: scene?.layout.height || 1 })
  const begin = (): void => {
    toFit = size.width === 0
    if (!toFit) move(fitted(whole(), size, smallestAtFirst))
  }
  const reveal = (id: string): void => {
    const rect = scene && rectById(scene, id)
    if (!rect || size.width === 0) return
    const isLarge = rect.width * legible > size.width || rect.height * legible > size.height
    move(isLarge ? fitted(rect, size, smallestAtFirst) : showing(camera, rect, size, legible))
  }
  const resized = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = element
    size = { width, height }
    element.width = Math.round(width * devicePixelRatio)
    element.height = Math.round(height * devicePixelRatio)
    if (toFit && scene) {
      begin()
      if (focused !== null) reveal(focused)
    }
    redraw()
  })
  resized.observe(element)

  const pointers = new Map<number, { x: number; y: number }>()
  let moved = 0
  const at = (event: MouseEvent) => {
    const box = element.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  const under = ({ x, y }: { x: number; y: number }): string | null =>
    scene &&
    itemAt(
      scene,
      (x - camera.left) / camera.scale,
      (y - camera.top) / camera.scale,
      Math.max(frameHead, 14 / camera.scale),
    )
  const listen = <K extends keyof HTMLElementEventMap>(type: K, hear: (event: HTMLElementEventMap[K]) => void): void =>
    element.addEventListener(type, hear, { signal, passive: false })
  listen('pointerdown', (event) => {
    if (event.button !== 0) return
    element.setPointerCapture(event.pointerId)
    pointers.set(event.pointerId, at(event))
    if (pointers.size === 1) moved = 0
  })
  listen('pointermove', (event) => {
    const now = at(event)
    const before = pointers.get(event.pointerId)
    if (!before) return void (element.style.cursor = under(now) === null ? 'grab' : 'pointer')
    const [dx, dy] = [now.x - before.x, now.y - before.y]
    moved += Math.abs(dx) + Math.abs(dy)
    pointers.set(event.pointerId, now)
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1]
    if (other) {
      const far =
        Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y))
      move(zoomed(camera, far, (now.x + other.x) / 2, (now.y + other.y) / 2))
    } else if (moved > still) move({ ...camera, left: camera.left + dx, top: camera.top + dy })
  })
  const release = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId) || event.type !== 'pointerup' || moved > still) return
    const id = under(at(event))
    if (id !== null && id === focused) events.open(id)
    else events.pick(id)
  }
  listen('pointerup', release)
  listen('pointercancel', release)
  listen('wheel', (event) => {
    event.preventDefault()
    const { x, y } = at(event)
    // A line of some mice is about 16 pixels.
    const by = event.deltaY * (event.deltaMode === 1 ? 16 : 1)
    move(zoomed(camera, Math.exp(-Math.max(-200, Math.min(200, by)) * 0.002), x, y))
  })

  return {
    show(next, id) {
      scene = next
      if (id === null) begin()
      else if (id !== undefined) reveal(id)
      redraw()
    },
    focus(id) {
      const isOther = id !== focused
      focused = id
      if (id !== null && isOther) reveal(id)
      redraw()
    },
    restyle(next) {
      inks = next
      redraw()
    },
    zoom: (factor) => move(zoomed(camera, factor, size.width / 2, size.height / 2)),
    fit: () => move(fitted(whole(), size)),
    close() {
      ending.abort()
      resized.disconnect()
      cancelAnimationFrame(pending)
    },
  }
}
