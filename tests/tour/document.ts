import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

export interface TourDocument {
  readonly folder: string
  /** A paragraph of Markdown. */
  text(paragraph: string): void
  /** Heading of a step, with what the machine took since the step before once the next one begins. */
  step(title: string): void
  /** What somebody types, and what the terminal answers. */
  terminal(command: string, answer?: string): void
  picture(page: Page, name: string, what: string): Promise<void>
  write(file: string): void
}

/** Writes a walk down as it is walked: Markdown, and pictures beside it. */
export function tourDocument(folder: string, seconds: () => number): TourDocument {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const lines: string[] = []
  let step = 0
  const text = (paragraph: string): void => void lines.push(paragraph.trim(), '')
  return {
    folder,
    text,
    step(title) {
      text(`## ${++step}. ${title}`)
      text(`*After ${clock(seconds())}.*`)
    },
    terminal(command, answer) {
      const shown = answer === undefined ? '' : `\n${answer.trimEnd()}`
      text(`\`\`\`\n$ ${command}${shown}\n\`\`\``)
    },
    async picture(page, name, what) {
      const file = `${name}.png`
      await page.screenshot({ path: join(folder, file) })
      text(`![${what}](tour/${file})`)
    },
    write: (file) => writeFileSync(file, `${lines.join('\n').trimEnd()}\n`),
  }
}

function clock(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
