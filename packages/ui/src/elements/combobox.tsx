import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { classes } from './classes.ts'

export interface Choice {
  readonly id: string
  readonly word: string
  readonly note?: string
}

interface ComboboxProps<C extends Choice> {
  readonly label: string
  readonly placeholder: string
  readonly text: string
  /** Where the text cursor is set after `text` was changed by a choice. */
  readonly caret?: number | undefined
  readonly setText: (text: string, caret: number) => void
  /** For what is typed; shown while the field has the focus. */
  readonly choices: readonly C[]
  readonly take: (choice: C) => void
  /** Enter, where no choice is pointed at. */
  readonly enter?: () => void
  /** Is the first choice taken by Enter, without being pointed at? */
  readonly isEager?: boolean
  readonly describedBy?: string | undefined
  readonly isInvalid?: boolean
  readonly className?: string
}

/** A field that offers what may be typed (the combobox of the ARIA practices): arrows, Enter or Tab to take one, Esc to close. */
export function Combobox<C extends Choice>(props: ComboboxProps<C>) {
  const { label, placeholder, text, caret, setText, choices, take, enter, isEager = false, className } = props
  const field = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  const [at, setAt] = useState(-1)
  const shown = isOpen && choices.length > 0
  const pointed = shown && at < choices.length ? at : -1
  useEffect(() => setAt(isEager ? 0 : -1), [text, isEager])
  useEffect(() => {
    // In braces: what it answers in newer browsers, a promise, must not be taken for the end of the effect.
    list.current?.children[pointed]?.scrollIntoView({ block: 'nearest' })
  }, [pointed])
  useLayoutEffect(() => {
    if (caret !== undefined) field.current?.setSelectionRange(caret, caret)
  }, [caret, text])
  const choose = (choice: C): void => {
    take(choice)
    field.current?.focus()
  }
  const press = (event: KeyboardEvent<HTMLInputElement>): void => {
    const { key } = event
    const choice = choices[pointed]
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      event.preventDefault()
      if (!shown) return setOpen(true)
      const by = key === 'ArrowDown' ? 1 : -1
      setAt(pointed < 0 && by < 0 ? choices.length - 1 : (pointed + by + choices.length) % choices.length)
    } else if ((key === 'Enter' || (key === 'Tab' && !event.shiftKey)) && shown && choice) {
      event.preventDefault()
      choose(choice)
    } else if (key === 'Enter' && enter) {
      event.preventDefault()
      setOpen(false)
      enter()
    } else if (key === 'Escape' && shown) {
      event.stopPropagation()
      setOpen(false)
    }
  }
  return (
    <div className={classes('relative', className)}>
      <input
        ref={field}
        role="combobox"
        aria-label={label}
        aria-expanded={shown}
        aria-controls={id}
        aria-autocomplete="list"
        {...(pointed >= 0 && { 'aria-activedescendant': `${id}-${pointed}` })}
        {...(props.isInvalid && { 'aria-invalid': true })}
        {...(props.describedBy !== undefined && { 'aria-describedby': props.describedBy })}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder={placeholder}
        value={text}
        onChange={({ target }) => {
          setOpen(true)
          setText(target.value, target.selectionStart ?? target.value.length)
        }}
        onSelect={({ currentTarget }) => {
          if (currentTarget.selectionStart !== null && currentTarget.value === text)
            setText(text, currentTarget.selectionStart)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={press}
        className={classes('field w-full font-mono text-xs', props.isInvalid && 'border-bad')}
      />
      <ul
        ref={list}
        id={id}
        role="listbox"
        aria-label={label}
        hidden={!shown}
        className="absolute inset-x-0 top-full z-10 mt-1 max-h-72 overflow-y-auto rounded-md border border-edge bg-raised p-1 shadow-2xl"
      >
        {shown
          ? choices.map((choice, nth) => (
              <li
                key={choice.id}
                id={`${id}-${nth}`}
                role="option"
                aria-selected={nth === pointed}
                // The field keeps the focus.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => choose(choice)}
                className={classes(
                  'flex min-h-6 cursor-pointer items-center gap-3 rounded px-2 font-mono text-xs',
                  nth === pointed ? 'bg-chosen' : 'hover:bg-hover',
                )}
              >
                <span className="min-w-0 flex-1 truncate">{choice.word}</span>
                {choice.note === undefined ? null : (
                  <span className="shrink-0 font-sans text-muted">{choice.note}</span>
                )}
              </li>
            ))
          : null}
      </ul>
    </div>
  )
}
