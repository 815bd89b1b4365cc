import { SluiceError } from '@sluice/core'

/** `--tag team=data --tag urgent` */
export function tagsOf(given: readonly string[] = []): Record<string, string> {
  const pairs = given.map((one) => {
    const [name = '', ...value] = one.split('=')
    if (name !== '') return [name, value.join('=')] as const
    throw new SluiceError('USAGE', `--tag ${one} has no name.`, { hint: 'Write --tag team, or --tag team=data.' })
  })
  return Object.fromEntries(pairs)
}
