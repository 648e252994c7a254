import { allCommands, type CommandModel } from './model.ts'

/**
 * For bash 3.2 and newer, which is what macOS has, without the package bash-completion. Where a file or anything is wanted,
 * nothing is said: bash then offers file names.
 */
export function bashScript(root: CommandModel): string {
  const commands = allCommands(root)
  return `# bash completion for ${root.name}; made by: ${root.name} completion bash
_${root.name}_command() {
  commands= options= valued= words=
  case "$1" in
${commands.map(commandCase).join('\n')}
  esac
}
_${root.name}_values() {
  words=
  case "$1 $2" in
${commands.flatMap(valueCases).join('\n')}
  esac
}
_${root.name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path= option= word commands options valued words
  local -i i
  _${root.name}_command ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # bash makes words of their own of --option, = and value.
    [[ $word == '=' ]] && continue
    if [[ -n $option ]]; then
      option=
    elif [[ $word == -* ]]; then
      [[ " $valued " == *" $word "* ]] && option=$word
    elif [[ " $commands " == *" $word "* ]]; then
      path+="\${path:+ }$word"
      _${root.name}_command "$path"
    fi
  done
  [[ $cur == '=' ]] && cur=
  if [[ -n $option ]]; then
    _${root.name}_values "$path" "$option"
  elif [[ $cur == -* ]]; then
    words=$options
  elif [[ -n $commands ]]; then
    words=$commands
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _${root.name} ${root.name}
`
}

function commandCase({ path, commands, options, arguments: taken }: CommandModel): string {
  const names = (list: readonly { readonly long: string; readonly short: string | null }[]) =>
    list.flatMap(({ long, short }) => (short === null ? [long] : [long, short])).join(' ')
  const first = taken[0]?.value
  return [
    `    '${path.join(' ')}')`,
    `commands='${commands.map(({ name }) => name).join(' ')}'`,
    `options='${names(options)}'`,
    `valued='${names(options.filter(({ value }) => value !== null))}'`,
    `words='${first?.kind === 'words' ? first.words.join(' ') : ''}' ;;`,
  ].join(' ')
}

function valueCases({ path, options }: CommandModel): string[] {
  return options.flatMap(({ long, value }) =>
    value?.kind === 'words'
      ? [`    '${[...path, long].join(' ')}') words='${value.words.join(' ')}' ;;`]
      : [],
  )
}
