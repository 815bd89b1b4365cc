/** What part of the whole is seen: a point of it is at `x * scale + left` on the screen. */
export interface Camera {
  readonly left: number
  readonly top: number
  readonly scale: number
}

export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface Size {
  readonly width: number
  readonly height: number
}

const smallest = 0.01
const largest = 2
const margin = 24

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))

/** All of it in the middle of the screen, not larger than it is, and not smaller than `least`. */
export function fitted({ x, y, width, height }: Rect, screen: Size, least = smallest): Camera {
  const room = Math.min((screen.width - 2 * margin) / width, (screen.height - 2 * margin) / height)
  const scale = within(room, least, 1)
  // What is too large to be seen as a whole is seen from its beginning.
  const left = width * scale > screen.width ? margin - x * scale : (screen.width - width * scale) / 2 - x * scale
  const top = height * scale > screen.height ? margin - y * scale : (screen.height - height * scale) / 2 - y * scale
  return { left, top, scale }
}

/** Closer or farther, about a point of the screen. */
export function zoomed({ left, top, scale }: Camera, factor: number, x: number, y: number): Camera {
  const next = within(scale * factor, smallest, largest)
  const by = next / scale
  return { scale: next, left: x - (x - left) * by, top: y - (y - top) * by }
}

/** Moved as little as needed to see this, in a size in which it can be read. */
export function showing({ left, top, scale }: Camera, rect: Rect, screen: Size, legible: number): Camera {
  if (scale < legible) {
    const [x, y] = [rect.x + rect.width / 2, rect.y + rect.height / 2]
    return { scale: legible, left: screen.width / 2 - x * legible, top: screen.height / 2 - y * legible }
  }
  const axis = (at: number, from: number, length: number, room: number): number => {
    const [first, last] = [from * scale + at, (from + length) * scale + at]
    if (first < margin) return at + margin - first
    return last > room - margin ? at - (last - room + margin) : at
  }
  return {
    scale,
    left: axis(left, rect.x, rect.width, screen.width),
    top: axis(top, rect.y, rect.height, screen.height),
  }
}
