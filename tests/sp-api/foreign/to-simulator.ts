import { Agent } from 'node:https'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Leads every https connection of this process to `url`, which speaks plain HTTP, whatever host it is meant for: the
 * clients' hosts can not be changed, and some make an agent for each request. The function that is returned undoes it.
 */
export function leadHttpsTo(url: string): () => void {
  const { hostname, port } = new URL(url)
  const before = Agent.prototype.createConnection
  Agent.prototype.createConnection = (): Duplex => connect(Number(port), hostname)
  return () => {
    Agent.prototype.createConnection = before
  }
}
