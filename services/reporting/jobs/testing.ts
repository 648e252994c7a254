/** Helpers of this folder's suites. */

export interface SeenEvent {
  readonly id: number
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface Following {
  readonly seen: readonly SeenEvent[]
  /** Resolves when the server ended the stream; rejects when the connection broke. */
  readonly ended: Promise<void>
  headers(): Headers | undefined
  /** All that came, as it came. */
  text(): string
  stop(): void
}

/** Reads server-sent events as an `EventSource` does, but comes back for nobody. */
export function followEvents(
  url: string,
  { lastEventId }: { readonly lastEventId?: number } = {},
): Following {
  const seen: SeenEvent[] = []
  const abort = new AbortController()
  let text = ''
  let headers: Headers | undefined
  const read = async (): Promise<void> => {
    const answer = await fetch(url, {
      signal: abort.signal,
      headers: {
        accept: 'text/event-stream',
        ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
      },
    })
    headers = answer.headers
    if (!answer.ok || !answer.body) throw new Error(`status ${answer.status}: ${await answer.text()}`)
    let rest = ''
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      rest += chunk
      const frames = rest.split('\n\n')
      rest = frames.pop() ?? ''
      for (const frame of frames) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1]
        const [id, event, data] = [field('id'), field('event'), field('data')]
        if (id && event && data) seen.push({ id: Number(id), event, data: JSON.parse(data) })
      }
    }
  }
  const ended = read()
  // Whoever follows a process that is killed expects this, and asks later or never.
  ended.catch(() => {})
  return { seen, ended, headers: () => headers, text: () => text, stop: () => abort.abort() }
}
