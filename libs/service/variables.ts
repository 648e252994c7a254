import { z } from 'zod'
import { DEFAULT_OFFERS_POLICY, parseOffersPolicy } from '#libs/offers/policy.ts'
import { parseCredentialKeys } from './credential-keys.ts'
import { parseSellers } from './sellers.ts'
import {
  duration,
  integer,
  isAddress,
  isOrigin,
  level,
  list,
  read,
  schedule,
  seconds,
  sellersFile,
  text,
  url,
} from './variable-kinds.ts'

/**
 * Every environment variable of asinstream: its type, default, documentation, and whether it is a secret. Nothing else
 * reads the environment; `docs/reference.md` is checked against this list.
 */
export interface Variable<T = unknown> {
  readonly schema: z.ZodType<T, string | undefined>
  readonly doc: string
  readonly secret: boolean
}

const variable = <T>(schema: z.ZodType<T, string | undefined>, doc: string): Variable<T> => ({
  schema,
  doc,
  secret: false,
})
const secret = <T>(schema: z.ZodType<T, string | undefined>, doc: string): Variable<T> => ({
  schema,
  doc,
  secret: true,
})

export const variables = {
  DATABASE_URL: secret(
    url('postgres:', 'postgresql:').optional(),
    'PostgreSQL. Unset: `asinstream dev` starts its own and keeps it in the data folder.',
  ),
  DATABASE_POOL_SIZE: variable(
    integer(2, 100).default(8),
    'Connections of a process to PostgreSQL, at most.',
  ),
  KAFKA_BROKERS: variable(
    list().optional(),
    'Kafka brokers, `host:port,host:port`. Unset: the log is kept in PostgreSQL.',
  ),
  KAFKA_REPLICATION_FACTOR: variable(
    integer(1, 7).default(1),
    'Copies of each topic that `asinstream migrate` creates.',
  ),
  KAFKA_SESSION_TIMEOUT: variable(
    duration()
      .refine((ms) => ms >= 1_000 && ms <= 300_000, 'must be from 1s to 5m')
      .default(30_000),
    'A process that Kafka has not heard of for so long loses its partitions to others; default 30s.',
  ),
  REDIS_URL: secret(
    url('redis:', 'rediss:').optional(),
    'Redis, where fetchers share token buckets and access tokens. Unset: both are in memory, right for one process only.',
  ),
  REDIS_SENTINELS: variable(
    list()
      .refine((all) => all.length > 0 && all.every(isAddress), 'must be host:port, comma-separated')
      .optional(),
    "Redis Sentinels, `host:port,host:port`. The host of REDIS_URL is then the master's name, such as `redis://mymaster`.",
  ),
  SCHEMA_REGISTRY_URL: secret(
    url('http:', 'https:').optional(),
    'Confluent-compatible schema registry. Unset: schemas are read from the `schemas/` folder.',
  ),
  SP_API_CLIENT_ID: variable(text().optional(), 'Login with Amazon client id of your application.'),
  SP_API_CLIENT_SECRET: secret(text().optional(), 'Its client secret.'),
  SP_API_CLIENT_SECRET_PREVIOUS: secret(
    text().optional(),
    'The client secret before it, used when Login with Amazon refuses the newer one: Amazon takes both for seven days after a rotation.',
  ),
  SP_API_REFRESH_TOKEN: secret(text().optional(), "The seller's refresh token."),
  SP_API_SELLERS: secret(
    read(parseSellers).optional(),
    'Several sellers instead of one refresh token, as JSON: `[{"name": "shop-us", "refreshToken": "…", "marketplaces": ["US", "CA"]}]`. `clientId` and `clientSecret` (and `previousClientSecret`) for another application than the one above, `usagePlans` as in `SP_API_USAGE_PLANS`; without `marketplaces`, a seller serves all.',
  ),
  SP_API_SELLERS_FILE: secret(
    read(sellersFile).optional(),
    'A file with the same JSON, such as a mounted secret. It is read again every ten seconds.',
  ),
  CREDENTIALS_KEY: secret(
    read(parseCredentialKeys).optional(),
    'Keys for the credentials of sellers in the database (`asinstream sellers`): `id:key`, 32 random bytes in base64 (`openssl rand -base64 32`). The first one seals; further ones, separated by commas, still open what they sealed.',
  ),
  SP_API_ENDPOINT: variable(
    url('http:', 'https:').optional(),
    "Base URL to use instead of Amazon's regional endpoints.",
  ),
  LWA_ENDPOINT: variable(
    url('http:', 'https:').optional(),
    "Base URL to use instead of Login with Amazon's `https://api.amazon.com`.",
  ),
  HTTPS_PROXY: secret(
    url('http:', 'https:').optional(),
    'Proxy to Amazon, Login with Amazon and document storage: `http://[user:password@]host:port`. It tunnels (CONNECT), so it sees hosts, not contents. This machine itself is never reached through it. `https_proxy` counts before it.',
  ),
  HTTP_PROXY: secret(
    url('http:', 'https:').optional(),
    'The same for endpoints that begin with `http://`, such as a simulator on another machine; `http_proxy` counts before it.',
  ),
  NO_PROXY: variable(
    text().optional(),
    'Hosts that are reached without a proxy, separated by commas: each with its subdomains, `host:port`, or `*` for all; `no_proxy` counts before it.',
  ),
  SP_API_USAGE_PLANS: variable(
    text().optional(),
    'Usage plans that Amazon grants you beyond its defaults, `searchCatalogItems=5/10` (requests a second / burst), comma-separated.',
  ),
  MARKETPLACES: variable(
    list().default(['US']),
    'Marketplaces to keep products in step with, as country codes or ids, comma-separated.',
  ),
  SYNC_SCHEDULE: variable(
    schedule().default('0 3 * * *'),
    'When to sync stale products again, as a cron expression in UTC; `off` for never.',
  ),
  SYNC_STALE_AFTER: variable(
    duration().default(86_400_000),
    'Age at which what Amazon told counts as stale; default 24h.',
  ),
  OFFERS_POLICY: variable(
    read(parseOffersPolicy).prefault(DEFAULT_OFFERS_POLICY),
    'Which matches are priced, by what and how often, as JSON. `price`: featured offer and counts, by `getCompetitivePricing`. `offers`: price with fulfilment, by `getItemOffersBatch` or (`operation`) `getCompetitiveSummary`. A level that is left out is not asked for. `staleAfter`: age at which it is asked for again. `maxRank`: sales ranks beyond it are left out, and items without a rank unless `unranked` is true. `off` for no prices.',
  ),
  PRICING_HISTORY_RETENTION: variable(
    duration()
      .refine((ms) => ms >= 600_000, 'must be 10m or more')
      .default(365 * 86_400_000),
    'How long changes of prices (`pricing_history`) are kept; default 365d.',
  ),
  MAX_QUEUED: variable(
    integer(20, 1_000_000).default(10_000),
    'Products that may be appended to the log without an outcome yet.',
  ),
  QUEUED_TIMEOUT: variable(
    duration().default(1_800_000),
    'How long a queued product may stay without an outcome before it is due again; default 30m.',
  ),
  CLAIM_BATCH: variable(integer(1, 5_000).default(1_000), 'Due products claimed in one transaction.'),
  FETCH_CONCURRENCY: variable(
    integer(1, 64).default(4),
    'Calls to Amazon that one fetcher has in flight, and lookups of one reporting process.',
  ),
  MAX_WORKERS: variable(integer(1, 64).optional(), 'Another name of FETCH_CONCURRENCY.'),
  FETCH_LINGER: variable(
    duration().default(250),
    'How long a call that is not full waits for more products; default 250ms.',
  ),
  FETCHERS: variable(
    integer(1, 1_000).default(3),
    'Processes that look codes up at most (catalog-fetchers, and reporting where lookups are asked of it), the same in each: they take turns in the rate while Redis is gone.',
  ),
  PERSIST_BATCH: variable(integer(1, 5_000).default(1_000), 'Results written in one transaction.'),
  MAX_ATTEMPTS: variable(
    integer(1, 100).default(5),
    'Failures in a row after which a product is in `error`.',
  ),
  RETRY_DELAY_BASE: variable(
    seconds().default(30_000),
    'Back-off of a product after its first failure; doubles each time; default 30s. Up to 8s it is also the longest first pause before a request to Amazon is sent again, which is 250ms otherwise.',
  ),
  RETRY_DELAY_MAX: variable(duration().default(3_600_000), 'Longest back-off; default 1h.'),
  MAX_RETRIES: variable(
    integer(0, 20).default(3),
    'How often a request to Amazon that failed in passing is sent again, before its product waits for RETRY_DELAY_BASE.',
  ),
  RATE_LIMIT_CALLS: variable(
    integer(1, 1_000_000).optional(),
    "Calls of each of Amazon's operations per RATE_LIMIT_WINDOW at most, over all sellers of an application. The usage plan counts where it is less, and no rate that Amazon announces leads beyond. Unset: the plans alone.",
  ),
  RATE_LIMIT_WINDOW: variable(
    seconds()
      .refine((ms) => ms >= 1_000 && ms <= 86_400_000, 'must be from 1 second to a day')
      .optional(),
    'The time in which RATE_LIMIT_CALLS may be made; a number alone is seconds.',
  ),
  REQUEST_TIMEOUT: variable(
    seconds()
      .refine((ms) => ms >= 100 && ms <= 600_000, 'must be from 100ms to 10m')
      .default(30_000),
    'Longest time that a lookup (`/asin`, `/lookup`) may take, waiting for quota included; a number alone is seconds; default 30s.',
  ),
  MAX_BATCH_SIZE: variable(integer(1, 1_000).default(100), 'ASINs or codes of one batch lookup at most.'),
  LOOKUP_MAX_AGE: variable(
    seconds().default(86_400_000),
    'Age up to which a lookup is answered with what is in the database; `maxAge` of a request counts before it; default 24h.',
  ),
  SYNC_LOG_RETENTION: variable(
    duration()
      .refine((ms) => ms >= 600_000, 'must be 10m or more')
      .default(90 * 86_400_000),
    'How long attempts (`sync_logs`) and jobs that have ended are kept; default 90d.',
  ),
  HOST: variable(text().default('127.0.0.1'), 'Address to listen on.'),
  PORT: variable(
    integer(0, 65_535).optional(),
    'Port to listen on. Unset: 8080 for reporting and dev, a free one for the other services.',
  ),
  API_AUTH: variable(
    z.enum(['keys', 'open']).optional(),
    'Who may use the API: `keys`, whoever has a key or a token; `open`, everybody who reaches it. Unset: `open` on a loopback HOST, for calls that name this machine or an address, `keys` elsewhere.',
  ),
  API_ADMIN_KEY: secret(
    z.string().min(32, 'must have 32 characters or more: `openssl rand -hex 32` makes one').optional(),
    'A key with every scope, beside those of `asinstream keys`: for the first steps of a deployment.',
  ),
  API_RATE_LIMIT: variable(
    integer(1, 10_000_000).default(6_000),
    'Requests to the API that one caller may send in a minute, to each process.',
  ),
  API_AUDIT_RETENTION: variable(
    duration().default(365 * 86_400_000),
    'How long it is kept who changed what through the API; default 365d.',
  ),
  CORS_ORIGINS: variable(
    list()
      .refine(
        (all) => all.every(isOrigin),
        'must be origins such as https://pim.example.com, comma-separated: without a path or a slash at the end, and none that stands for all',
      )
      .optional(),
    'Origins of pages elsewhere that may use the API from a browser (CORS), comma-separated; default none. Pages of the same site may come with the session, others come with a key.',
  ),
  OIDC_ISSUER: variable(
    url('https:', 'http:').optional(),
    'OpenID Connect issuer whose access tokens (JWT) the API takes beside keys.',
  ),
  OIDC_AUDIENCE: variable(
    text().optional(),
    'What those tokens must name as their audience (`aud`); needed with OIDC_ISSUER.',
  ),
  OIDC_SCOPE_CLAIM: variable(
    text().default('scope'),
    'The claim that has their scopes: `asinstream:read`, `asinstream:sync`, `asinstream:products`, `asinstream:admin`.',
  ),
  METRICS_PORT: variable(
    integer(1, 65_535).optional(),
    'Port on which reporting serves /metrics and its health besides, without asking for a key: for a scraper inside the cluster.',
  ),
  MAX_BODY_BYTES: variable(
    integer(1_000, 4_000_000_000).default(1_000_000_000),
    'Largest request body; JSON documents are limited to 10 MB besides.',
  ),
  LOG_LEVEL: variable(level().prefault('info'), 'Least severe log lines to write.'),
  SHUTDOWN_GRACE: variable(
    duration().default(20_000),
    'How long work in flight may take after SIGTERM; default 20s.',
  ),
} as const satisfies Readonly<Record<string, Variable>>

export type VariableName = keyof typeof variables
export type Config = { readonly [K in VariableName]: z.output<(typeof variables)[K]['schema']> }

/** Whether a variable is a time: it makes a number of a text with a unit. */
export function isDuration(name: VariableName): boolean {
  // Each takes one of these, whatever its limits.
  return ['1s', '90s', '24h'].some((text) => typeof variables[name].schema.safeParse(text).data === 'number')
}
