import type { Camera } from './camera.ts'
import type { Item } from './graph.ts'
import type { Inks } from './inks.ts'
import { frameHead } from './layout.ts'
import { looks } from './looks.tsx'
import { type Scene, sizeOf } from './scene.ts'

interface View {
  readonly camera: Camera
  readonly width: number
  readonly height: number
  readonly inks: Inks
  readonly focus: string | null
}

/** Below this many pixels of height a node is its icon alone, and below the second a block of its colour. */
const lines = { two: 25, one: 13, icon: 5 }
/** More edges than this on the screen are not told apart: between frames they are drawn as one, elsewhere as straight lines. */
const mostCurves = 1500

/** The whole picture: only what is seen, and of it only as much as can be seen at its size. */
export function draw(canvas: CanvasRenderingContext2D, scene: Scene, view: View): void {
  const { camera, width, height, inks } = view
  canvas.fillStyle = inks.colors.canvas
  canvas.fillRect(0, 0, width, height)
  const shown = {
    left: -camera.left / camera.scale,
    top: -camera.top / camera.scale,
    right: (width - camera.left) / camera.scale,
    bottom: (height - camera.top) / camera.scale,
  }
  const { items, places } = scene.folded
  const focused = view.focus === null ? undefined : places.get(view.focus)
  drawFrames(canvas, scene, view)
  drawEdges(canvas, scene, view, shown, focused)
  const near = new Set(focused === undefined ? [] : [...scene.before[focused]!, ...scene.behind[focused]!])
  const blocks = new Map<string, number[]>()
  for (let place = 0; place < items.length; place += 1) {
    const item = items[place]!
    const [x, y] = [scene.layout.x[place]!, scene.layout.y[place]!]
    const size = sizeOf(item)
    if (x > shown.right || y > shown.bottom || x + size.width < shown.left || y + size.height < shown.top) continue
    const box = {
      x: x * camera.scale + camera.left,
      y: y * camera.scale + camera.top,
      width: size.width * camera.scale,
      height: size.height * camera.scale,
    }
    if (box.height < lines.icon && item.kind === 'node' && place !== focused) {
      const block = blocks.get(item.node.look)
      if (block) block.push(box.x, box.y, box.width, box.height)
      else blocks.set(item.node.look, [box.x, box.y, box.width, box.height])
    } else drawItem(canvas, item, box, { inks, isFocused: place === focused, isNear: near.has(place) })
  }
  drawBlocks(canvas, blocks, inks)
  drawFarNames(canvas, scene, view)
}

/** Too small for an icon: what needs a look is a full block, the rest a thin line. */
function drawBlocks(
  canvas: CanvasRenderingContext2D,
  blocks: ReadonlyMap<string, readonly number[]>,
  inks: Inks,
): void {
  for (const [look, numbers] of blocks) {
    const isUrgent = look === 'failed' || look === 'stale' || look === 'upstream_failed' || look === 'in progress'
    canvas.fillStyle = inks.looks.get(look as never)?.color ?? inks.colors.muted
    canvas.globalAlpha = isUrgent ? 1 : 0.35
    // One by one: a path of thousands of corners is many times as slow.
    for (let at = 0; at < numbers.length; at += 4) {
      const [x, y, width, height] = [numbers[at]!, numbers[at + 1]!, numbers[at + 2]!, numbers[at + 3]!]
      if (isUrgent) canvas.fillRect(x, y, Math.max(2, width), Math.max(2, height))
      else canvas.fillRect(x, y + height * 0.3, Math.max(1.5, width), Math.max(1, height * 0.4))
    }
  }
  canvas.globalAlpha = 1
}

/** Of a frame whose head is in less pixels there is its name, over all that is in it. */
const smallestHead = 4

function drawFarNames(canvas: CanvasRenderingContext2D, scene: Scene, { camera, inks }: View): void {
  if (frameHead * camera.scale >= smallestHead) return
  const px = 11
  canvas.font = `600 ${px}px ${inks.font}`
  for (const [nth, { group }] of scene.folded.clusters.entries()) {
    const [x = 0, y = 0, width = 0, height = 0] = scene.layout.frames.subarray(nth * 4)
    const room = width * camera.scale - 8
    if (room < 30 || height * camera.scale < px + 4) continue
    const text = group ?? 'no group'
    const wide = Math.min(room, canvas.measureText(text).width)
    const left = x * camera.scale + camera.left + 4 + (room - wide) / 2
    const middle = (y + height / 2) * camera.scale + camera.top
    canvas.fillStyle = inks.colors.surface
    canvas.fillRect(left - 3, middle - px / 2 - 2, wide + 6, px + 4)
    label(canvas, text, left, middle + px * 0.36, room, px, inks, 'text', true)
  }
}

function drawFrames(canvas: CanvasRenderingContext2D, scene: Scene, { camera, inks }: View): void {
  for (const [nth, { group, count }] of scene.folded.clusters.entries()) {
    const [x = 0, y = 0, width = 0, height = 0] = scene.layout.frames.subarray(nth * 4)
    const box = [
      x * camera.scale + camera.left,
      y * camera.scale + camera.top,
      width * camera.scale,
      height * camera.scale,
    ] as const
    canvas.beginPath()
    canvas.roundRect(...box, 8)
    canvas.fillStyle = inks.colors.hover
    canvas.fill()
    canvas.strokeStyle = inks.colors.edge
    canvas.lineWidth = 1
    canvas.stroke()
    const head = frameHead * camera.scale
    const px = Math.min(13, Math.max(11, head * 0.5))
    if (box[2] < 40 || head < smallestHead) continue
    const text = `▾ ${group ?? 'no group'} · ${count}`
    label(canvas, text, box[0] + 8, box[1] + Math.max(head / 2 + px / 3, px), box[2] - 16, px, inks, 'text', true)
  }
}

interface Shown {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

function drawEdges(
  canvas: CanvasRenderingContext2D,
  scene: Scene,
  { camera, inks }: View,
  shown: Shown,
  focused: number | undefined,
): void {
  const { items, edges, weights } = scene.folded
  const { x, y } = scene.layout
  const seen: number[] = []
  const own: number[] = []
  for (let edge = 0; edge < edges.length; edge += 2) {
    const [from, to] = [edges[edge]!, edges[edge + 1]!]
    if (from === focused || to === focused) {
      own.push(edge)
      continue
    }
    const [left, right] = x[from]! < x[to]! ? [x[from]!, x[to]!] : [x[to]!, x[from]!]
    const [top, bottom] = y[from]! < y[to]! ? [y[from]!, y[to]!] : [y[to]!, y[from]!]
    if (left > shown.right || right + 210 < shown.left || top > shown.bottom || bottom + 62 < shown.top) continue
    seen.push(edge)
  }
  const isCurved = seen.length <= mostCurves
  const line = (edge: number): void => {
    const [from, to] = [edges[edge]!, edges[edge + 1]!]
    const [a, b] = [sizeOf(items[from]!), sizeOf(items[to]!)]
    const x1 = (x[from]! + a.width) * camera.scale + camera.left
    const y1 = (y[from]! + a.height / 2) * camera.scale + camera.top
    const x2 = x[to]! * camera.scale + camera.left
    const y2 = (y[to]! + b.height / 2) * camera.scale + camera.top
    canvas.moveTo(x1, y1)
    const bow = Math.max(24 * camera.scale, Math.abs(x2 - x1) / 2)
    if (isCurved) canvas.bezierCurveTo(x1 + bow, y1, x2 - bow, y2, x2, y2)
    else canvas.lineTo(x2, y2)
  }
  canvas.strokeStyle = inks.colors.edge
  if (!isCurved && scene.outer.length > 0) {
    seen.length = 0
    drawOuter(canvas, scene, camera)
  }
  canvas.globalAlpha = seen.length > mostCurves ? 0.25 : focused === undefined ? 0.7 : 0.35
  // Several at once where they are as wide: a stroke is what costs.
  const widths = Map.groupBy(seen, (edge) =>
    // One that leads back goes behind many others.
    x[edges[edge]!]! > x[edges[edge + 1]!]! ? 0.5 : Math.min(4, 1 + Math.floor(Math.log2(weights[edge / 2]!) / 2)),
  )
  for (const [width, those] of widths) {
    canvas.lineWidth = isCurved ? width : 1
    canvas.beginPath()
    those.forEach(line)
    canvas.stroke()
  }
  canvas.globalAlpha = 1
  canvas.strokeStyle = inks.colors.accent
  canvas.lineWidth = 2
  canvas.beginPath()
  own.forEach(line)
  canvas.stroke()
}

/** From frame to frame. */
function drawOuter(canvas: CanvasRenderingContext2D, { outer, layout: { frames } }: Scene, camera: Camera): void {
  canvas.globalAlpha = 0.5
  canvas.lineWidth = 1
  canvas.beginPath()
  for (let pair = 0; pair < outer.length; pair += 2) {
    const [a, b] = [outer[pair]! * 4, outer[pair + 1]! * 4]
    const x1 = (frames[a]! + frames[a + 2]!) * camera.scale + camera.left
    const y1 = (frames[a + 1]! + frames[a + 3]! / 2) * camera.scale + camera.top
    const x2 = frames[b]! * camera.scale + camera.left
    const y2 = (frames[b + 1]! + frames[b + 3]! / 2) * camera.scale + camera.top
    canvas.moveTo(x1, y1)
    canvas.lineTo(x2, y2)
  }
  canvas.stroke()
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface How {
  readonly inks: Inks
  readonly isFocused: boolean
  readonly isNear: boolean
}

function drawItem(canvas: CanvasRenderingContext2D, item: Item, box: Box, { inks, isFocused, isNear }: How): void {
  const { x, y, width, height } = box
  const isGroup = item.kind === 'group'
  const radius = Math.min(6, height / 6)
  if (isGroup && height > 10) {
    // A group looks like a stack.
    canvas.beginPath()
    canvas.roundRect(x + 4, y + 4, width, height, radius)
    canvas.fillStyle = inks.colors.hover
    canvas.fill()
    canvas.strokeStyle = inks.colors.edge
    canvas.lineWidth = 1
    canvas.stroke()
  }
  canvas.beginPath()
  canvas.roundRect(x, y, width, height, radius)
  canvas.fillStyle = isFocused ? inks.colors.chosen : inks.colors.surface
  canvas.fill()
  canvas.strokeStyle = isFocused || isNear ? inks.colors.accent : inks.colors.edge
  canvas.lineWidth = isFocused ? 3 : isNear ? 2 : 1
  canvas.setLineDash(item.kind === 'node' && item.node.look === 'external' ? [4, 3] : [])
  canvas.stroke()
  canvas.setLineDash([])
  const px = Math.min(14, Math.max(11, height * (isGroup ? 0.24 : 0.31)))
  if (item.kind === 'group') return drawGroup(canvas, item, box, px, inks)
  const { look, words } = item.node
  const name = shortName(item)
  const icon = Math.min(16, Math.max(4, height * 0.36))
  const inset = Math.min(8, width * 0.04)
  if (height < lines.one || width < 50) {
    drawIcon(canvas, look, x + width / 2 - icon / 2, y + height / 2 - icon / 2, icon, inks)
    return
  }
  const isTwo = height >= lines.two
  const first = isTwo ? y + height * 0.42 : y + height / 2 + px * 0.35
  drawIcon(canvas, look, x + inset, (isTwo ? y + height * 0.3 : y + height / 2) - icon / 2, icon, inks)
  const left = x + inset + icon + 6
  const room = width - (left - x) - inset
  label(canvas, name, left, first, room, px, inks, 'text', true)
  if (isTwo) label(canvas, words, left, y + height * 0.82, room, Math.max(10.5, px - 2), inks, 'muted')
}

/** In the frame of its group the name of the group is not said again. */
function shortName({ node: { name, group }, cluster }: Extract<Item, { kind: 'node' }>): string {
  const prefix = group === null ? '' : group.endsWith('/*') ? group.slice(0, -1) : `${group}/`
  return cluster >= 0 && prefix !== '' && name.startsWith(prefix) ? name.slice(prefix.length) : name
}

function drawGroup(
  canvas: CanvasRenderingContext2D,
  { group, count, looks: counts }: Extract<Item, { kind: 'group' }>,
  { x, y, width, height }: Box,
  px: number,
  inks: Inks,
): void {
  if (width < 40 || height < 12) return
  const isThree = height >= 44
  const head = `▸ ${group ?? 'no group'}`
  const first = isThree ? y + height * 0.32 : height >= 26 ? y + height * 0.45 : y + height / 2 + px * 0.35
  label(canvas, head, x + 6, first, width - 10, px, inks, 'text', true)
  const small = Math.max(10.5, px - 2)
  if (isThree) label(canvas, `${count} in it`, x + 8, y + height * 0.6, width - 16, small, inks, 'muted')
  if (height < 26) return
  let left = x + 8
  const base = isThree ? y + height * 0.87 : y + height * 0.85
  canvas.font = `${small}px ${inks.font}`
  for (const [look, number] of counts) {
    const text = isThree && width > 150 ? `${number} ${looks[look].word}` : String(number)
    const room = small + 3 + canvas.measureText(text).width
    if (left + room > x + width - 6) break
    drawIcon(canvas, look, left, base - small + 1, small, inks)
    canvas.fillStyle = inks.colors.muted
    canvas.fillText(text, left + small + 3, base)
    left += room + 8
  }
}

function drawIcon(
  canvas: CanvasRenderingContext2D,
  look: string,
  x: number,
  y: number,
  size: number,
  inks: Inks,
): void {
  const ink = inks.looks.get(look as never)
  if (!ink) return
  canvas.save()
  canvas.translate(x, y)
  canvas.scale(size / 24, size / 24)
  canvas.strokeStyle = ink.color
  canvas.lineWidth = size < 9 ? 4 : 2.4
  canvas.lineCap = 'round'
  canvas.stroke(ink.icon)
  canvas.restore()
}

/** As much of a text as there is room for: of a name with slashes its end counts most. */
function label(
  canvas: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  room: number,
  px: number,
  inks: Inks,
  color: 'text' | 'muted',
  isName = false,
): void {
  canvas.font = `${isName ? '600 ' : ''}${px}px ${inks.font}`
  canvas.fillStyle = inks.colors[color]
  // Measured only where it may be too long: a letter is hardly ever wider than this.
  if (text.length * px * 0.62 <= room) return canvas.fillText(text, x, y)
  // A little narrower is better than a letter less.
  if (canvas.measureText(text).width <= room * 1.15) return canvas.fillText(text, x, y, room)
  const fits = Math.max(1, Math.min(text.length - 1, Math.floor(room / (px * 0.58))) - 1)
  canvas.fillText(isName && text.includes('/') ? `…${text.slice(-fits)}` : `${text.slice(0, fits)}…`, x, y, room)
}
