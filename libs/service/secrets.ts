import type { Config } from './config.ts'
import { sellersOf } from './sellers.ts'

/** Shorter ones are words that lines may hold for reasons of their own. */
const MIN_LENGTH = 8
const urlNames = ['DATABASE_URL', 'REDIS_URL', 'SCHEMA_REGISTRY_URL'] as const

/** The values that no line may show: credentials, and the passwords inside connection strings, however written. */
export function secretsOf(config: Partial<Config>): readonly string[] {
  const values = [
    config.SP_API_CLIENT_SECRET,
    config.SP_API_CLIENT_SECRET_PREVIOUS,
    config.SP_API_REFRESH_TOKEN,
    ...(config.CREDENTIALS_KEY?.secrets() ?? []),
  ]
  for (const { clientSecret, previousClientSecret, refreshToken } of sellersOf(config))
    values.push(clientSecret, previousClientSecret, refreshToken)
  for (const name of urlNames) {
    const url = URL.parse(config[name] ?? '')
    // `postgres:postgres` is no secret, and would take the word out of every line.
    if (url === null || url.password === url.username) continue
    values.push(url.password, decoded(url.password))
  }
  return [
    ...new Set(values.filter((value): value is string => value !== undefined && value.length >= MIN_LENGTH)),
  ]
}

/** Amazon's tokens and client secrets give themselves away: those that came from the database are masked by it. */
const AMAZON_SECRETS = /Atz(?:[ar]|\.sprdt)\|[^\s"'&<>\\]+|amzn1\.oa2-cs\.[^\s"'&<>\\]+/g

/** Masks user and password of every connection string in a text, Amazon's secrets, and each of `secrets`. */
export function secretMask(secrets: readonly string[]): (text: string) => string {
  // In a line of JSON a quote or a backslash of the secret is escaped.
  const forms = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))]
  return (text) =>
    forms.reduce(
      (masked, form) => masked.replaceAll(form, '********'),
      text
        .replace(AMAZON_SECRETS, '********')
        .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'\\]*:[^\s/@"'\\]*@/gi, '$1********@'),
    )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not written the way of URLs: as it stands, then.
    return text
  }
}
