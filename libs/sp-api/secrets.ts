/** Access tokens kept for scrubbing: the one in use, its predecessors, and those of a few more grants. */
const REMEMBERED_TOKENS = 32
/** Below this, a "secret" is a placeholder whose removal would only garble messages. */
const SHORTEST_SECRET = 6
const MASK = '***'

/** Amazon's access, refresh and restricted data tokens and client secrets give themselves away. */
const TOKEN_PATTERN = /Atz(?:[ar]|\.sprdt)\|[^\s"'&<>]+|amzn1\.oa2-cs\.[^\s"'&<>]+/g

/** Takes secrets out of text that came from outside, before it reaches an error or a log. */
export class SecretScrubber {
  readonly #fixed: readonly string[]
  #tokens: string[] = []

  constructor(secrets: readonly string[]) {
    this.#fixed = secrets.flatMap(forms)
  }

  /** Remembers an access token. */
  remember(token: string): void {
    const known = forms(token).filter((form) => !this.#tokens.includes(form))
    this.#tokens = [...known, ...this.#tokens].slice(0, REMEMBERED_TOKENS)
  }

  scrub(text: string): string {
    let clean = text
    for (const secret of [...this.#fixed, ...this.#tokens]) clean = clean.replaceAll(secret, MASK)
    return clean.replace(TOKEN_PATTERN, MASK)
  }
}

/** A secret as it may be echoed: plain, URL-encoded, form-encoded, JSON-escaped. */
function forms(secret: string): string[] {
  if (secret.length < SHORTEST_SECRET) return []
  return [
    ...new Set([
      secret,
      encodeURIComponent(secret),
      new URLSearchParams({ s: secret }).toString().slice(2),
      JSON.stringify(secret).slice(1, -1),
    ]),
  ]
}
