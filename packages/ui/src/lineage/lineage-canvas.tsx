import { Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef } from 'react'
import { Button } from '../elements/button.tsx'
import { countOf } from '../elements/numbers.ts'
import { useSettings } from '../frame/settings.ts'
import { type Item, type Look, groupText } from './graph.ts'
import { readInks } from './inks.ts'
import { looks } from './looks.tsx'
import { type Direction, type Scene, step } from './scene.ts'
import { type Stage, openStage } from './stage.ts'

interface LineageCanvasProps {
  readonly label: string
  readonly scene: Scene
  readonly focus: string | null
  readonly setFocus: (id: string | null) => void
  /** A node is opened; a group is folded or unfolded. */
  readonly open: (id: string) => void
}

const arrows: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** The graph as a picture. What it shows is in the tree beside it too. */
export function LineageCanvas({ label, scene, focus, setFocus, open }: LineageCanvasProps) {
  const element = useRef<HTMLCanvasElement>(null)
  const swatches = useRef<HTMLDivElement>(null)
  const stage = useRef<Stage>(null)
  const latest = useRef({ setFocus, open })
  const shown = useRef<Scene>(null)
  const help = useId()
  const { theme } = useSettings()
  useEffect(() => {
    latest.current = { setFocus, open }
  })
  useEffect(() => {
    const its = openStage(element.current!, {
      pick: (id) => latest.current.setFocus(id),
      open: (id) => latest.current.open(id),
    })
    stage.current = its
    shown.current = null
    return () => its.close()
  }, [])
  useEffect(() => {
    const before = shown.current
    shown.current = scene
    // What only changed its state stays where it is; of another graph all is shown; what was unfolded is brought into view.
    const isSame = before?.layout === scene.layout
    const isFolding = before !== null && focus !== null
    stage.current?.show(scene, isSame ? undefined : isFolding ? focus : null)
  }, [scene])
  useEffect(() => stage.current?.focus(focus), [focus, scene])
  useEffect(() => {
    const restyle = (): void => stage.current?.restyle(readInks(swatches.current!))
    restyle()
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', restyle)
    return () => dark.removeEventListener('change', restyle)
  }, [theme])
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const direction = arrows[event.key]
    const { items } = scene.folded
    const acts: Readonly<Record<string, () => void>> = {
      '+': () => stage.current?.zoom(1.25),
      '=': () => stage.current?.zoom(1.25),
      '-': () => stage.current?.zoom(0.8),
      '0': () => stage.current?.fit(),
      ...(focus !== null && { Enter: () => open(focus) }),
      ...(direction && {
        [event.key]: () => {
          const next = focus === null ? items[0]?.id : step(scene, focus, direction)
          if (next != null) setFocus(next)
          // Of a frame: what is in it.
          else if (focus !== null && !scene.folded.places.has(focus)) {
            const frame = scene.folded.clusters.findIndex(({ id }) => id === focus)
            const inside = items.find(({ cluster }) => cluster === frame && frame >= 0) ?? items[0]
            if (inside) setFocus(inside.id)
          }
        },
      }),
    }
    const act = acts[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
  const place = focus === null ? undefined : scene.folded.places.get(focus)
  return (
    <div className="relative min-h-0 flex-1">
      <div
        role="application"
        aria-roledescription="graph"
        aria-label={label}
        aria-describedby={help}
        tabIndex={0}
        onKeyDown={press}
        className="absolute inset-0 overflow-hidden focus-visible:-outline-offset-2"
      >
        <canvas ref={element} className="size-full touch-none" />
      </div>
      <p id={help} hidden>
        Arrows go along edges and within a column, Enter opens, plus and minus zoom, 0 shows all. The tree has the same.
      </p>
      <p role="status" className="sr-only">
        {place === undefined ? '' : said(scene, place)}
      </p>
      <div className="absolute top-2 right-2 flex gap-1">
        <Button
          aria-label="Closer"
          title="Closer (+)"
          icon={<ZoomIn size={14} aria-hidden />}
          onClick={() => stage.current?.zoom(1.25)}
        />
        <Button
          aria-label="Farther"
          title="Farther (-)"
          icon={<ZoomOut size={14} aria-hidden />}
          onClick={() => stage.current?.zoom(0.8)}
        />
        <Button
          aria-label="Show all"
          title="Show all (0)"
          icon={<Maximize size={14} aria-hidden />}
          onClick={() => stage.current?.fit()}
        />
      </div>
      <div ref={swatches} hidden aria-hidden>
        {(Object.keys(looks) as Look[]).map((look) => {
          const { icon: Icon, text } = looks[look]
          return <Icon key={look} data-look={look} className={text} />
        })}
      </div>
    </div>
  )
}

/** What is chosen, in words. */
function said({ folded, before, behind }: Scene, place: number): string {
  const item: Item = folded.items[place]!
  const edges = `made from ${before[place]!.length}, used by ${behind[place]!.length}`
  if (item.kind === 'node') return `${item.node.name}: ${item.node.words}; ${edges}`
  const parts = item.looks.map(([look, count]) => `${count} ${looks[look].word}`).join(', ')
  return `Group ${groupText(item.group)}, folded: ${countOf(item.count, 'asset')}, ${parts}; ${edges}`
}
