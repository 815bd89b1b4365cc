import { type RefCallback, useLayoutEffect, useState } from 'react'

/** How wide an element is, in pixels, as it changes; 0 before it is drawn. */
export function useWidth<T extends HTMLElement>(): [RefCallback<T>, number] {
  const [element, setElement] = useState<T | null>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    if (!element) return
    const watch = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)))
    watch.observe(element)
    return () => watch.disconnect()
  }, [element])
  return [setElement, width]
}
