import { api, Button, ErrorBox, html, Json, Time, useAction, useState } from '../kit.js'

/** Longer than the server waits for Amazon by itself (REQUEST_TIMEOUT), so that it says what became of it. */
const TIMEOUT_MS = 60_000

/** Amazon's own answer for an item, asked for when somebody wants to see it. */
export function RawAnswer({ asin, countryCode }) {
  const [answer, setAnswer] = useState(null)
  const [ask, { busy, error }] = useAction(() =>
    api.get(`/asin/${asin}/raw`, { query: { marketplace: countryCode }, timeoutMs: TIMEOUT_MS }),
  )
  async function show() {
    const found = await ask()
    if (found) setAnswer(found)
  }
  return html`
    <div class="stack">
      <p class="soft">
        <${Button} small busy=${busy} onClick=${show}>Ask Amazon for its raw answer<//>${' '}
        It spends a request, for <code>${asin}</code>.
      </p>
      ${error && html`<${ErrorBox} error=${error} retry=${show} title="Amazon's answer could not be had" />`}
      ${answer && html`<${Told} answer=${answer} />`}
    </div>`
}

function Told({ answer: { operation, observedAt, requestId, answer } }) {
  return html`
    <div>
      <p class="soft" role="status">
        From <code>${operation}</code>, <${Time} value=${observedAt} absolute />${requestId && html`, Amazon's request <code>${requestId}</code>`}.
      </p>
      <${Json} label="Amazon's raw answer" value=${answer} open />
    </div>`
}
