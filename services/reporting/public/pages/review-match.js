import {
  Button,
  Card,
  ErrorBox,
  Field,
  html,
  Link,
  Loading,
  Meter,
  Notice,
  StatePill,
  Time,
  useAction,
  useEffect,
  useHotkeys,
  useQuery,
  useState,
} from '../kit.js'
import { scoreTone } from './product-candidates.js'
import { accept, matchPath, reject, rejectAll, undo } from './review-api.js'
import { Columns } from './review-columns.js'

/** One match: ours and every candidate side by side, and what can be decided about it. */
export function MatchPanel({ item, deciding, position, onMove, onDecided, onUndone }) {
  const { data, error, loading, stale, reload } = useQuery(matchPath(item))
  const [match, setMatch] = useState(data)
  const [at, setAt] = useState(0)
  const [note, setNote] = useState('')
  const [conflict, setConflict] = useState(false)
  useEffect(() => {
    if (data && !stale) setMatch(data)
  }, [data, stale])

  /** `act` resolves to the match as it is then; `tell` is told. */
  const [decide, working] = useAction(async ({ act, tell }) => {
    try {
      const answer = await act()
      setMatch(answer)
      setConflict(false)
      setNote('')
      setAt(
        Math.max(
          0,
          answer.candidates.findIndex(({ verdict }) => !verdict),
        ),
      )
      tell(answer)
    } catch (problem) {
      if (problem.status !== 412 || !problem.problem.current) throw problem
      // Somebody was faster: what they made of it is shown, and nothing is decided.
      setMatch(problem.problem.current)
      setConflict(true)
    }
  })
  const candidates = match?.candidates ?? []
  const candidate = candidates[Math.min(at, candidates.length - 1)]
  const can = deciding && match !== undefined && !working.busy
  const told = (words, goOn) => (answer) => onDecided(item, answer, { words, goOn })
  const acceptOne = (one) =>
    can &&
    one &&
    decide({ act: () => accept(match, one.asin, note), tell: told(`Accepted ${one.asin}`, true) })
  const rejectOne = (one) => {
    if (!can || !one) return
    const last = candidates.filter(({ verdict }) => verdict !== 'rejected').length === 1
    void decide({ act: () => reject(match, [one.asin], note), tell: told(`Rejected ${one.asin}`, last) })
  }
  const none = () =>
    can &&
    candidates.length > 0 &&
    decide({ act: () => rejectAll(match, note), tell: told('None of them', true) })
  const step = (by) => setAt((before) => Math.min(candidates.length - 1, Math.max(0, before + by)))
  useHotkeys(
    [
      { keys: 'ArrowRight', label: 'Next candidate', run: () => step(1) },
      { keys: 'ArrowLeft', label: 'Candidate before', run: () => step(-1) },
      { keys: 'a', label: 'Accept the marked candidate', run: () => acceptOne(candidate) },
      { keys: 'r', label: 'Reject the marked candidate', run: () => rejectOne(candidate) },
      { keys: 'n', label: 'None of the candidates', run: none },
    ],
    { group: 'The match', when: deciding },
  )

  if (!match)
    return html`<${Card}>${
      error
        ? html`<${ErrorBox} error=${error} retry=${reload} title="The match could not be read" />`
        : loading && html`<${Loading} label="Loading the match" rows=${8} />`
    }<//>`
  return html`
    <${Card} class="review-match" title=${match.title ?? match.sku} lead=${match.reason ?? undefined}>
      <div class="stack" aria-busy=${stale || working.busy ? 'true' : undefined}>
        <div class="spread">
          <div class="row">
            <${StatePill} state=${match.state} />
            <span class="soft small">${match.countryCode} · Amazon answered <${Time} value=${match.syncedAt} /></span>
          <${Link} href=${`/ui/products/${match.productId}`}>All about it<//>
        </div>
          <div class="row review-steps">
            <span class="soft small num">${position}</span>
            <${Button} small icon="chevron-left" label="Match before (k)" onClick=${() => onMove(-1)} />
            <${Button} small icon="chevron-right" label="Next match (j)" onClick=${() => onMove(1)} />
          </div>
        </div>
        ${
          conflict &&
          html`<div role="alert"><${Notice} kind="warn" title="It has changed meanwhile">
            Somebody decided, or Amazon answered otherwise. This is how it is now: decide again.
          <//></div>`
        }
        ${working.error && html`<${ErrorBox} error=${working.error} title="Nothing was decided" />`}
        <${Columns}
          match=${match}
          marked=${candidate?.asin}
          onMark=${(asin) => setAt(candidates.findIndex((one) => one.asin === asin))}
          verdict=${(one) => html`<${Verdict}
            candidate=${one}
            deciding=${deciding}
            busy=${working.busy}
            onAccept=${() => acceptOne(one)}
            onReject=${() => rejectOne(one)}
          />`}
        />
        ${
          deciding &&
          html`<div class="review-foot">
            <${Field} label="Note" name="note" value=${note} onInput=${setNote} placeholder="why, for whoever looks later" maxlength="500" />
            <${Button} icon="close" disabled=${!can || candidates.length === 0} onClick=${none}>None of these <kbd>n</kbd><//>
          </div>`
        }
        <${Decisions} match=${match} deciding=${deciding} busy=${working.busy}
          onUndo=${() => decide({ act: () => undo(match), tell: (answer) => onUndone(item, answer) })} />
      </div>
    <//>`
}

function Verdict({ candidate, deciding, busy, onAccept, onReject }) {
  const { verdict, asin, score } = candidate
  return html`
    <${Meter} value=${Math.round(score * 100)} label=${`Score of ${asin}`} tone=${scoreTone(score)} showValue />
    ${
      verdict
        ? html`<p><span class="pill" data-tone=${verdict === 'accepted' ? 'success' : 'error'}>${verdict === 'accepted' ? 'Accepted' : 'Rejected'}</span></p>`
        : deciding &&
          html`<div class="row">
            <${Button} small kind="primary" icon="check" disabled=${busy} onClick=${onAccept}>Accept<span class="visually-hidden"> ${asin}</span><//>
            <${Button} small icon="close" disabled=${busy} onClick=${onReject}>Reject<span class="visually-hidden"> ${asin}</span><//>
          </div>`
    }`
}

function Decisions({ match, deciding, busy, onUndo }) {
  const { history, decisions } = match
  if (history.length === 0) return null
  return html`
    <details class="review-history disclosure" open=${decisions.length > 0}>
      <summary>What was decided about it</summary>
      <ul>
        ${history.map(
          (one) => html`<li key=${one.id} class=${one.endedAt ? 'soft' : ''}>
            ${one.verdict === 'accepted' ? 'Accepted' : 'Rejected'} <code>${one.asin}</code> by ${one.decidedBy}, <${Time} value=${one.decidedAt} />
            ${one.note && html`: “${one.note}”`}
            ${one.endedAt && html` · ended <${Time} value=${one.endedAt} />, ${one.endedBecause}`}
          </li>`,
        )}
      </ul>
      ${deciding && decisions.length > 0 && html`<${Button} small icon="undo" disabled=${busy} onClick=${onUndo}>Take the last one back<//>`}
    </details>`
}
