import { allCommands, type CommandModel, type OptionModel, type Values } from './model.ts'

/** A line per command and option, each under the words that lead to it. */
export function fishScript(root: CommandModel): string {
  const lines = allCommands(root).flatMap((command) => {
    const when = quoted(condition(command))
    const start = `complete -c ${root.name} -n ${when}`
    const [first] = command.arguments
    return [
      ...command.commands.map(({ name, description }) => `${start} -f -a ${name} -d ${quoted(description)}`),
      ...command.options.map((option) => `${start} ${optionFlags(option)} -d ${quoted(option.description)}`),
      ...(first && first.value.kind !== 'file' ? [`${start} -f${given(first.value)}`] : []),
    ]
  })
  return `# fish completion for ${root.name}; made by: ${root.name} completion fish
${lines.join('\n')}
`
}

/** Whether the words before the cursor lead to this command and no further. */
function condition({ path, commands }: CommandModel): string {
  if (path.length === 0) return '__fish_use_subcommand'
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`)
  const further = commands.map(({ name }) => name).join(' ')
  return [...seen, ...(further === '' ? [] : [`not __fish_seen_subcommand_from ${further}`])].join('; and ')
}

function optionFlags({ long, short, value }: OptionModel): string {
  const names = [
    `-l ${long.replace(/^--/, '')}`,
    ...(short === null ? [] : [`-s ${short.replace(/^-/, '')}`]),
  ]
  if (value === null) return names.join(' ')
  return `${names.join(' ')} ${value.kind === 'file' || value.kind === 'folder' ? '-r -F' : `-x${given(value)}`}`
}

const given = (value: Values): string =>
  value.kind === 'words' ? ` -a ${quoted(value.words.join(' '))}` : ''

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
