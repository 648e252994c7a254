import { MultiBar, Presets, type SingleBar } from 'cli-progress'
import { finalCounts, waiting } from '../status-text.ts'
import { count, duration, styled } from '../terminal.ts'
import { lineView, type ProgressView } from './progress.ts'

/** The terminal of dev: lines, and under them a progress bar where it is one. */
export interface Screen {
  line(text: string): void
  warning(level: string, text: string): void
  readonly progress: ProgressView
  /** Takes the bar away. */
  close(): void
}

export function openScreen(): Screen {
  return process.stdout.isTTY ? barScreen() : lineScreen()
}

function lineScreen(): Screen {
  const line = (text: string) => process.stdout.write(`${text}\n`)
  return {
    line,
    warning: (level, text) => process.stderr.write(`${level}: ${text}\n`),
    progress: lineView(line),
    close() {},
  }
}

function barScreen(): Screen {
  let shown: { readonly bars: MultiBar; readonly bar: SingleBar } | undefined
  const hide = () => {
    shown?.bars.stop()
    shown = undefined
  }
  const line = (text: string): void => {
    if (shown) shown.bars.log(`${text}\n`)
    else process.stdout.write(`${text}\n`)
  }
  const show = (total: number) => {
    const bars = new MultiBar(
      {
        format: '{bar} {percentage} %  {text}',
        hideCursor: true,
        clearOnComplete: true,
        stopOnComplete: false,
        gracefulExit: false,
        barsize: 24,
        stream: process.stdout,
      },
      Presets.shades_classic,
    )
    return { bars, bar: bars.create(total, 0, { text: '' }) }
  }
  return {
    line,
    warning: (level, text) => line(`${styled(level === 'warn' ? 'yellow' : 'red', level)} ${text}`),
    progress: {
      update(status) {
        shown ??= show(status.total)
        shown.bar.setTotal(Math.max(1, status.total))
        const left = status.secondsLeft ? ` · ${duration(status.secondsLeft)} left` : ''
        shown.bar.update(status.total - waiting(status), {
          text: `${count(status.total - waiting(status))}/${count(status.total)}${left} · ${finalCounts(status.states)}`,
        })
      },
      settle(text) {
        hide()
        line(text)
      },
    },
    close: hide,
  }
}
