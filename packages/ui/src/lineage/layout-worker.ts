import { type LayoutAsked, layout } from './layout.ts'

addEventListener('message', ({ data }: MessageEvent<{ readonly id: number; readonly asked: LayoutAsked }>) => {
  const made = layout(data.asked)
  const transfer = [made.x.buffer, made.y.buffer, made.frames.buffer]
  postMessage({ id: data.id, made }, { transfer })
})
