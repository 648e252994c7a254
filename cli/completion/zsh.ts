import { allCommands, type CommandModel, type OptionModel, type Values } from './model.ts'

/** A function per command, as zsh's `_arguments` wants them. */
export function zshScript(root: CommandModel): string {
  return `#compdef ${root.name}
# made by: ${root.name} completion zsh
${allCommands(root).map(commandFunction(root)).join('\n')}
if [[ $funcstack[1] == _${root.name} ]]; then
  _${root.name} "$@"
else
  compdef _${root.name} ${root.name}
fi
`
}

const commandFunction = (root: CommandModel) => (command: CommandModel) => {
  const { commands, options, arguments: taken } = command
  const specs = options.map(optionSpec)
  if (commands.length === 0) {
    const places = taken.map(({ name, value }, i) => quoted(`${i + 1}:${name}:${action(value)}`))
    return `${functionName(root, command)}() {
  _arguments -s${[...specs, ...places].map((spec) => ` \\\n    ${spec}`).join('')}
}`
  }
  return `${functionName(root, command)}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C${[...specs, quoted('1:command:->command'), quoted('*::argument:->argument')].map((spec) => ` \\\n    ${spec}`).join('')}
  case $state in
    command)
      local -a commands
      commands=(
${commands.map(({ name, description }) => `        ${quoted(`${name}:${description.replaceAll(':', '\\:')}`)}`).join('\n')}
      )
      _describe -t commands command commands
      ;;
    argument)
      case $line[1] in
${commands.map((child) => `        ${child.name}) ${functionName(root, child)} ;;`).join('\n')}
      esac
      ;;
  esac
}`
}

function optionSpec({ long, short, description, value }: OptionModel): string {
  const said = `[${description.replaceAll(/[[\]\\]/g, '\\$&')}]`
  // An option with a value may be given several times, or replaces its earlier value.
  if (value !== null) return quoted(`*${long}${said}:value:${action(value)}`)
  return short === null ? quoted(`${long}${said}`) : `'(${short} ${long})'{${short},${long}}${quoted(said)}`
}

function action(value: Values): string {
  switch (value.kind) {
    case 'words':
      return `(${value.words.join(' ')})`
    case 'file':
      return '_files'
    case 'folder':
      return '_files -/'
    case 'anything':
      return ' '
  }
}

const functionName = (root: CommandModel, { path }: CommandModel): string =>
  ['', root.name, ...path].join('_').replaceAll('-', '_')

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
