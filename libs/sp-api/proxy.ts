import { Agent, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici'

/** How the network is left, as HTTPS_PROXY, HTTP_PROXY and NO_PROXY say it to curl and most others. */
export interface ProxyServers {
  /** For https:// hosts: `http://[user:password@]host:port`. A tunnel: what goes through it stays encrypted. */
  readonly https?: string | undefined
  /** For http:// hosts. */
  readonly http?: string | undefined
  /** Hosts that are reached without one, separated by commas; each with its subdomains, or a port. `*`: all. */
  readonly except?: string | undefined
}

/** Nobody's proxy leads to the machine that asks. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** The proxy that the environment names. Some programs write its variables in small letters: those count first. */
export function proxyFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): ProxyServers {
  const named = (name: string) => environment[name.toLowerCase()] || environment[name] || undefined
  return { https: named('HTTPS_PROXY'), http: named('HTTP_PROXY'), except: named('NO_PROXY') }
}

export interface ConnectionOptions {
  readonly proxy?: ProxyServers | undefined
  /** For each connection, to a host as well as to a proxy; milliseconds. */
  readonly connectMs: number
  readonly agent: Omit<Agent.Options, 'connect' | 'factory'>
}

/** Connections to hosts, through a proxy where there is one. */
export class Connections {
  readonly #direct: Agent
  readonly #proxied: Dispatcher | null
  readonly #isProxied: (url: URL) => boolean

  /** Throws a `TypeError` when the proxy is no URL; the message does not show it, as it may hold a password. */
  constructor({ proxy = {}, connectMs, agent }: ConnectionOptions) {
    const connect = { timeout: connectMs }
    // Amazon's API is one request at a time for each connection; nothing here is tried over HTTP/2.
    const options = { ...agent, allowH2: false }
    this.#direct = new Agent({ ...options, connect })
    const { http, https, except = '' } = proxy
    for (const url of [http, https])
      if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
        throw new TypeError('a proxy is a URL that begins with http:// or https://')
    this.#proxied =
      http === undefined && https === undefined
        ? null
        : new EnvHttpProxyAgent({
            ...options,
            // Empty: never what undici finds in the environment by itself.
            httpProxy: http ?? '',
            httpsProxy: https ?? '',
            noProxy: except.trim() === '*' ? '*' : [...except.split(/[,\s]+/), ...LOOPBACK].join(','),
            // For http:// hosts as well: what the proxy says is not taken for what Amazon says.
            proxyTunnel: true,
            proxyTls: { timeout: connectMs },
            requestTls: { timeout: connectMs },
            // A proxy that takes the connection and then says nothing.
            clientFactory: (origin: URL, options: object) =>
              new Pool(origin, { ...options, headersTimeout: connectMs }),
          } as EnvHttpProxyAgent.Options)
    this.#isProxied = ({ protocol }) => (protocol === 'https:' ? https : http) !== undefined
  }

  /** What sends requests to a URL. */
  to(url: URL): Dispatcher {
    return this.#proxied !== null && this.#isProxied(url) ? this.#proxied : this.#direct
  }

  /** Ends connections, those in use as well. */
  async close(): Promise<void> {
    await Promise.all([this.#direct.destroy(), this.#proxied?.destroy()])
  }
}

/** The status with which a proxy refused to lead somewhere; null when that is not what went wrong. */
export function proxyRefusal(error: unknown): number | null {
  const seen = new Set<unknown>()
  for (let each = error; each instanceof Error && !seen.has(each); each = each.cause) {
    seen.add(each)
    const status = /^Proxy response \((\d{3})\)/.exec(each.message)?.[1]
    if (status !== undefined) return Number(status)
  }
  return null
}
