import { useRouter } from '@tanstack/react-router'
import { Empty, Problem } from '../elements/note.tsx'

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <Empty title="There is nothing at this address.">
      The link may be from another version, or something was left out of it. Ctrl+K finds what there is.
    </Empty>
  )
}

/** A page that could not be drawn: the frame stays. */
export function PageFailed({ error }: { readonly error: unknown }) {
  const router = useRouter()
  return (
    <div className="p-4">
      <Problem error={error} retry={() => void router.invalidate()} />
    </div>
  )
}
