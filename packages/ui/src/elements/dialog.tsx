import { X } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Button } from './button.tsx'

interface DialogProps {
  readonly title: string
  readonly close: () => void
  readonly children: ReactNode
  readonly bare?: boolean
}

/** The browser's own dialog: it keeps the focus, ends with Esc, and gives the focus back. Mounted is open. */
export function Dialog({ title, close, children, bare = false }: DialogProps) {
  const own = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = own.current
    dialog?.showModal()
    // By itself it takes the first thing that can have the focus, which may be no field.
    dialog?.querySelector('input')?.focus()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={own}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
      onClick={(event) => {
        if (event.target === own.current) close()
      }}
      className="max-h-[80vh] w-[min(640px,calc(100vw-32px))] overflow-hidden rounded-xl border border-line bg-raised p-0 shadow-2xl"
    >
      {bare ? (
        children
      ) : (
        <div className="flex max-h-[80vh] flex-col">
          <header className="flex items-center justify-between border-b border-line py-2 pr-2 pl-4">
            <h2 className="text-base font-semibold">{title}</h2>
            <Button look="quiet" aria-label="Close" icon={<X size={16} aria-hidden />} onClick={close} />
          </header>
          <div className="overflow-y-auto p-4">{children}</div>
        </div>
      )}
    </dialog>
  )
}
