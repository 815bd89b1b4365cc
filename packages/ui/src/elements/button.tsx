import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { classes } from './classes.ts'

const looks = {
  plain: 'border-edge bg-surface text-text hover:bg-hover',
  main: 'border-transparent bg-accent text-on-accent hover:opacity-90',
  danger: 'border-edge bg-surface text-bad hover:bg-hover',
  quiet: 'border-transparent bg-transparent text-muted hover:bg-hover hover:text-text',
}

export const buttonClass = (look: keyof typeof looks = 'plain', isBare = false): string =>
  classes(
    'inline-flex h-7 shrink-0 items-center justify-center gap-1.5 rounded-md border text-sm font-medium whitespace-nowrap disabled:opacity-50',
    looks[look],
    isBare ? 'w-7' : 'px-2.5',
  )

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: keyof typeof looks
  readonly icon?: ReactNode
}

export function Button({ look = 'plain', icon, children, className, type = 'button', ...rest }: ButtonProps) {
  return (
    <button type={type} className={classes(buttonClass(look, !children), className)} {...rest}>
      {icon}
      {children}
    </button>
  )
}
