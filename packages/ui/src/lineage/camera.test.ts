import { expect, test } from 'vitest'
import { fitted, showing, zoomed } from './camera.ts'

const screen = { width: 1000, height: 600 }
const seen = (camera: { left: number; top: number; scale: number }, x: number, y: number) => [
  x * camera.scale + camera.left,
  y * camera.scale + camera.top,
]

test('all of it is in the middle; what would be too small begins at the left', () => {
  const camera = fitted({ x: 0, y: 0, width: 2000, height: 400 }, screen)
  expect(seen(camera, 1000, 200)).toEqual([500, 300])
  expect(camera.scale).toBeLessThan(0.5)
  const far = fitted({ x: 0, y: 0, width: 100_000, height: 400 }, screen, 0.4)
  expect([far.scale, seen(far, 0, 0)[0]]).toEqual([0.4, 24])
  expect(fitted({ x: 0, y: 0, width: 10, height: 10 }, screen).scale).toBe(1)
})

test('closer about a point: the point stays where it is', () => {
  const camera = { left: 10, top: 20, scale: 0.5 }
  const at = seen(camera, 300, 200)
  expect(seen(zoomed(camera, 1.7, at[0]!, at[1]!), 300, 200)).toEqual(at)
  expect(zoomed(camera, 1e9, 0, 0).scale).toBe(2)
})

test('what is looked at is brought into view, and what is in view stays', () => {
  const camera = { left: 0, top: 0, scale: 1 }
  const rect = { x: 100, y: 100, width: 100, height: 40 }
  expect(showing(camera, rect, screen, 0.5)).toEqual(camera)
  const moved = showing(camera, { ...rect, x: 5000 }, screen, 0.5)
  expect(seen(moved, 5100, 0)[0]).toBe(976)
  const closer = showing({ ...camera, scale: 0.05 }, rect, screen, 0.5)
  expect([closer.scale, seen(closer, 150, 120)]).toEqual([0.5, [500, 300]])
})
