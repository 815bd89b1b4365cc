import { Dialog } from '../elements/dialog.tsx'
import { places } from './places.ts'
import { changeSettings, useSettings } from './settings.ts'

const keys: readonly (readonly [string, string])[] = [
  ['Ctrl K  or  /', 'find anything, do anything'],
  ['?', 'this sheet'],
  ...places.map(({ key, word }) => [`g ${key}`, `go to ${word}`] as const),
  ['j  k', 'the next row, the row before'],
  ['Enter', 'open the row'],
  ['x', 'choose a run or a step, for what is done to several'],
  ['Esc', 'close; leave what is chosen'],
  ['n  N', 'in logs: the next match, the one before'],
]

/** What the keys do. */
export function Help({ close }: { readonly close: () => void }) {
  const settings = useSettings()
  return (
    <Dialog title="Keys" close={close}>
      <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1.5">
        {keys.map(([key, says]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="font-mono text-xs">{key}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <label className="mt-4 flex items-center gap-2 border-t border-line pt-3">
        <input
          type="checkbox"
          checked={settings.keys}
          onChange={({ target }) => changeSettings({ keys: target.checked })}
        />
        Single keys do something (off: only Ctrl K)
      </label>
      <p className="mt-3 text-muted">
        Every route of the API:{' '}
        <a className="text-accent underline" href="/api/reference">
          reference
        </a>
        . Each command has its own help: <code className="font-mono text-xs">sluice help</code>.
      </p>
    </Dialog>
  )
}
