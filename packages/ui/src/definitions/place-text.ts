/** `pipeline.ts:42`, of `/home/…/pipeline.ts:42:19`: as much as tells it from others. */
export function placeText(place: string | undefined): string {
  const [, path = '', line = ''] = /^(.*?):(\d+):\d+$/.exec(place ?? '') ?? []
  return path === '' ? (place ?? '') : `${path.split(/[\\/]/).slice(-2).join('/')}:${line}`
}
