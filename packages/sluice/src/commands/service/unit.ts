/** What systemd has to know to keep a command going. */
export interface Unit {
  /** `dev`, `server` or `worker`. */
  readonly what: string
  /** Of the project. */
  readonly name: string
  readonly root: string
  /** Program and arguments. */
  readonly command: readonly string[]
  /** Variables that must not be in the unit, which everybody may read: the token. */
  readonly environmentFile: string
  /** Whose processes: `null` for a unit of the user's own. */
  readonly user: string | null
  /** Seconds that runs have to be given back in; then everything is killed. */
  readonly stopWithin: number
}

/** The first line of a unit of ours: nothing else is ever overwritten or removed. */
export const mark = '# Written by: sluice service install'

/** `sluice-shop-worker`: letters, digits and hyphens only. */
export const unitName = (project: string, what: string): string =>
  `sluice-${project.replace(/^@/, '').replaceAll(/[^A-Za-z0-9]+/g, '-')}-${what}`

/** The text of the unit. `%` and `$` mean something to systemd, so what comes from outside says them twice. */
export function unitText({ what, name, root, command, environmentFile, user, stopWithin }: Unit): string {
  const isSystem = user !== null
  return [
    mark,
    '[Unit]',
    `Description=Sluice ${what} of ${percent(name)}`,
    // A unit of a user cannot wait for the network; what connects tries again.
    ...(isSystem ? ['Wants=network-online.target', 'After=network-online.target'] : []),
    '',
    '[Service]',
    'Type=exec',
    ...(isSystem ? [`User=${user}`] : []),
    `WorkingDirectory=${percent(root)}`,
    `EnvironmentFile=-${percent(environmentFile)}`,
    `ExecStart=${command.map(quoted).join(' ')}`,
    // The first process alone is asked to end: it drains, and ends those that it started.
    'KillMode=mixed',
    'KillSignal=SIGTERM',
    `TimeoutStopSec=${stopWithin}`,
    'Restart=on-failure',
    'RestartSec=2',
    'NoNewPrivileges=true',
    '',
    '[Install]',
    `WantedBy=${isSystem ? 'multi-user.target' : 'default.target'}`,
    '',
  ].join('\n')
}

const percent = (text: string): string => text.replaceAll('%', '%%').replaceAll('\n', ' ')

function quoted(word: string): string {
  if (/^[\w@=:,./+-]+$/.test(word)) return word
  const escaped = percent(word).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '$$$$')
  return `"${escaped}"`
}
