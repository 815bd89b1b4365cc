/**
 * What tells, between what a process prints, which step prints from then on: many steps go on at once in one process. On
 * the pipe itself, so that it stays in order with what it is about.
 */
export const markOf = (step: number): string => `\u0000step ${step};`

/** With one group: the number. */
// oxlint-disable-next-line no-control-regex -- no program prints it by chance
export const stepMark = /\u0000step (\d+);/

/** The beginning of a mark, whose end comes with the next piece. */
// oxlint-disable-next-line no-control-regex -- as above
export const tornMark = /\u0000(?:s|st|ste|step|step \d*)?$/
