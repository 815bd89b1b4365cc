import { type Command } from 'commander'
import { SluiceError } from '@sluice/core'
import { output } from '../terminal/terminal.ts'
import type { NameKind } from './names.ts'

interface Word {
  readonly path: string
  readonly words: readonly string[]
  readonly descriptions: Readonly<Record<string, string>>
  /** What its first argument names, where that is something that there is. */
  readonly names: NameKind | undefined
}

/** By the beginning of a command; the first that fits. */
const kinds: readonly (readonly [command: RegExp, names: NameKind])[] = [
  [/^(?:materialize|check|assets|conditions)\b/, 'assets'],
  [/^(?:run|backfills create)$/, 'targets'],
  [/^partitions /, 'sets'],
  [/^(?:runs|failures) /, 'runs'],
  [/^backfills /, 'backfills'],
  [/^schedules /, 'schedules'],
  [/^sensors /, 'sensors'],
  [/^workers /, 'workers'],
  [/^locations /, 'locations'],
]

function namesOf(command: Command, path: string): NameKind | undefined {
  const [first] = command.registeredArguments
  if (!first || first.name() === 'file') return undefined
  return kinds.find(([shape]) => shape.test(path))?.[1]
}

/** `sluice completion`: a script that knows every command and option that there is. */
export function completion(shell: string, program: Command): Promise<void> {
  const words = wordsOf(program)
  const scripts: Readonly<Record<string, (words: readonly Word[]) => string>> = { bash, zsh, fish }
  const script = scripts[shell]
  if (!script)
    throw new SluiceError('USAGE', `There is no completion for ${shell}.`, {
      hint: 'sluice completion bash, zsh or fish',
    })
  output.line(script(words))
  return Promise.resolve()
}

function wordsOf(command: Command, path = ''): Word[] {
  const below = command.commands.filter((one) => one.name() !== 'help' && one.name() !== 'names')
  const options = command.options.flatMap(({ long, description }) => (long ? [[long, description] as const] : []))
  const commands = below.map((one) => [one.name(), one.summary() || one.description()] as const)
  const own = {
    path,
    words: [...commands, ...options].map(([word]) => word).concat('--help'),
    descriptions: Object.fromEntries([...commands, ...options]),
    names: namesOf(command, path),
  }
  return [own, ...below.flatMap((one) => wordsOf(one, path === '' ? one.name() : `${path} ${one.name()}`))]
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Where a command takes a file, files are offered besides. */
function bash(words: readonly Word[]): string {
  return `# eval "$(sluice completion bash)"
_sluice() {
  local path= word rest=0 names=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${words
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      ${quoted(path.includes(' ') ? path : ` ${path}`)}) path=${quoted(path)} ;;`)
  .join('\n')}
      *) [[ $word == -* ]] || rest=$((rest + 1)) ;;
    esac
  done
  local words=
  case "$path" in
${words.map(({ path, words: own, names }) => `    ${quoted(path)}) words=${quoted(own.join(' '))}${names ? ` names=${names}` : ''} ;;`).join('\n')}
  esac
  local cur="\${COMP_WORDS[COMP_CWORD]}" IFS=$'\\n' name
  words=\${words// /$IFS}
  COMPREPLY=($(compgen -W "$words" -- "$cur") $(compgen -f -X '!*.[cm]ts' -- "$cur") $(compgen -f -X '!*.ts' -- "$cur") $(compgen -d -- "$cur"))
  # The first word after those of the command. Never through compgen -W, which would carry out what a name says.
  [[ -n $names && $rest == 0 && $cur != -* ]] || return 0
  while IFS= read -r name; do
    [[ $name == "$cur"* ]] && COMPREPLY+=("$name")
  done < <(sluice names "$names" 2>/dev/null)
}
complete -o filenames -F _sluice sluice`
}

function zsh(words: readonly Word[]): string {
  return `#compdef sluice
# eval "$(sluice completion zsh)"
_sluice() {
  local cpath= word rest=0 kind=
  for word in \${words[2,CURRENT-1]}; do
    case "$cpath $word" in
${words
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      ${quoted(path.includes(' ') ? path : ` ${path}`)}) cpath=${quoted(path)} ;;`)
  .join('\n')}
      *) [[ $word == -* ]] || rest=$((rest + 1)) ;;
    esac
  done
  local -a found
  case "$cpath" in
${words.map(({ path, words: own, descriptions, names }) => `    ${quoted(path)}) ${names ? `kind=${names} ` : ''}found=(${own.map((word) => quoted(`${word}:${(descriptions[word] ?? 'help').replaceAll(':', '\\:')}`)).join(' ')}) ;;`).join('\n')}
  esac
  _describe sluice found
  if [[ -n $kind && $rest == 0 ]]; then
    local -a names
    names=("\${(@f)$(sluice names $kind 2>/dev/null)}")
    compadd -a names
  fi
  _files -g '*.(ts|mts|cts|js|mjs)'
}
compdef _sluice sluice`
}

function fish(words: readonly Word[]): string {
  const lines = words.flatMap(({ path, words: own, descriptions }) =>
    own.map((word) => {
      const where = whereIn(path)
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`
      return `complete -c sluice -n ${quoted(where)} ${what} -d ${quoted(descriptions[word] ?? 'help')}`
    }),
  )
  const named = words.flatMap(({ path, names }) =>
    names ? [`complete -c sluice -n ${quoted(whereIn(path))} -a '(sluice names ${names} 2>/dev/null)'`] : [],
  )
  return `# sluice completion fish | source\n${[...lines, ...named].join('\n')}`
}

/** Behind the words of a command. */
function whereIn(path: string): string {
  if (path === '') return '__fish_use_subcommand'
  return path
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ')
}
