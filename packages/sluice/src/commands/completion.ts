import { type Command } from 'commander'
import { SluiceError } from '@sluice/core'
import { output } from '../terminal/terminal.ts'

interface Word {
  readonly path: string
  readonly words: readonly string[]
  readonly descriptions: Readonly<Record<string, string>>
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
  const below = command.commands.filter((one) => one.name() !== 'help')
  const options = command.options.flatMap(({ long, description }) => (long ? [[long, description] as const] : []))
  const commands = below.map((one) => [one.name(), one.summary() || one.description()] as const)
  const own = {
    path,
    words: [...commands, ...options].map(([word]) => word).concat('--help'),
    descriptions: Object.fromEntries([...commands, ...options]),
  }
  return [own, ...below.flatMap((one) => wordsOf(one, path === '' ? one.name() : `${path} ${one.name()}`))]
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Where a command takes a file, files are offered besides. */
function bash(words: readonly Word[]): string {
  return `# eval "$(sluice completion bash)"
_sluice() {
  local path= word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${words
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      ${quoted(path.includes(' ') ? path : ` ${path}`)}) path=${quoted(path)} ;;`)
  .join('\n')}
    esac
  done
  local words=
  case "$path" in
${words.map(({ path, words: own }) => `    ${quoted(path)}) words=${quoted(own.join(' '))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}") $(compgen -f -X '!*.[cm]ts' -- "\${COMP_WORDS[COMP_CWORD]}") $(compgen -f -X '!*.ts' -- "\${COMP_WORDS[COMP_CWORD]}") $(compgen -d -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _sluice sluice`
}

function zsh(words: readonly Word[]): string {
  return `#compdef sluice
# eval "$(sluice completion zsh)"
_sluice() {
  local cpath= word
  for word in \${words[2,CURRENT-1]}; do
    case "$cpath $word" in
${words
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      ${quoted(path.includes(' ') ? path : ` ${path}`)}) cpath=${quoted(path)} ;;`)
  .join('\n')}
    esac
  done
  local -a found
  case "$cpath" in
${words.map(({ path, words: own, descriptions }) => `    ${quoted(path)}) found=(${own.map((word) => quoted(`${word}:${(descriptions[word] ?? 'help').replaceAll(':', '\\:')}`)).join(' ')}) ;;`).join('\n')}
  esac
  _describe sluice found
  _files -g '*.(ts|mts|cts|js|mjs)'
}
compdef _sluice sluice`
}

function fish(words: readonly Word[]): string {
  const lines = words.flatMap(({ path, words: own, descriptions }) =>
    own.map((word) => {
      const [first, second] = path.split(' ')
      const where =
        path === ''
          ? '__fish_use_subcommand'
          : second === undefined
            ? `__fish_seen_subcommand_from ${first}`
            : `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`
      return `complete -c sluice -n ${quoted(where)} ${what} -d ${quoted(descriptions[word] ?? 'help')}`
    }),
  )
  return `# sluice completion fish | source\n${lines.join('\n')}`
}
