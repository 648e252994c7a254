import type { Argument, Command, Option } from 'commander'

/** What may stand in the place of a value: one of these words, a file, a folder, or anything. */
export type Values = { readonly kind: 'words'; readonly words: readonly string[] } | { readonly kind: Other }
type Other = 'file' | 'folder' | 'anything'

export interface OptionModel {
  /** `--format`; and `-h` where there is a short one. */
  readonly long: string
  readonly short: string | null
  readonly description: string
  /** Null: it takes none. */
  readonly value: Values | null
}

/** A command as a shell has to know it. */
export interface CommandModel {
  readonly name: string
  readonly description: string
  /** The words that lead to it, without the program's name. */
  readonly path: readonly string[]
  readonly commands: readonly CommandModel[]
  readonly options: readonly OptionModel[]
  readonly arguments: readonly { readonly name: string; readonly value: Values }[]
}

/** Reads the tree of commands: whatever is added to it can be completed. */
export function commandModel(command: Command, path: readonly string[] = []): CommandModel {
  const help = command.createHelp()
  const children = help.visibleCommands(command)
  const names = children.map((child) => child.name())
  return {
    name: command.name(),
    description: firstLine(command.description()),
    path,
    commands: children.map((child) => {
      const model = commandModel(child, [...path, child.name()])
      // The help that commander adds by itself: its argument is a command.
      if (child.name() !== 'help' || command.commands.includes(child)) return model
      const words = names.filter((name) => name !== 'help')
      return { ...model, options: [], arguments: [{ name: 'command', value: { kind: 'words', words } }] }
    }),
    options: help.visibleOptions(command).flatMap(optionModel),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      value: valuesOf(argument, argument.name()),
    })),
  }
}

/** A command and all below it. */
export function allCommands(model: CommandModel): readonly CommandModel[] {
  return [model, ...model.commands.flatMap(allCommands)]
}

function optionModel(option: Option): OptionModel[] {
  const { long, short, description, flags } = option
  if (!long) return []
  const placeholder = /[<[]([\w.-]+)[>\]]/.exec(flags)?.[1] ?? ''
  const takesValue = option.required || option.optional
  return [
    {
      long,
      short: short ?? null,
      description: firstLine(description),
      value: takesValue ? valuesOf(option, placeholder) : null,
    },
  ]
}

function valuesOf({ argChoices }: Option | Argument, placeholder: string): Values {
  if (argChoices && argChoices.length > 0) return { kind: 'words', words: argChoices }
  if (placeholder === 'file') return { kind: 'file' }
  return { kind: placeholder === 'dir' ? 'folder' : 'anything' }
}

const firstLine = (text: string): string => text.split('\n')[0] ?? ''
