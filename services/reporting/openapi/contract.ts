import { problems } from '#libs/service/problem.ts'
import { answersOf, commonProblems, type RouteDescription } from './description.ts'
import { routeDescriptions } from './routes.ts'
import { problem } from './schemas.ts'

/** An answer of the API, its body parsed where it is JSON. */
export interface AnswerToCheck {
  readonly method: string
  /** Path and query of the request. */
  readonly target: string
  readonly status: number
  readonly contentType: string | null
  readonly body: unknown
}

/**
 * Holds an answer to the description of its route: a status that it tells of, a media type of that status, and a body
 * with these fields and no others. Throws an `Error` that says what differs; answers of no described route pass.
 */
export function checkAnswer(answer: AnswerToCheck): void {
  const route = routeOf(answer)
  if (route === undefined) return
  const { status, body } = answer
  const where = `${answer.method} ${route.path} answered ${status}`
  const type = answer.contentType?.split(';')[0] ?? null
  const declared = answersOf(route)[status]
  if (declared === undefined) {
    const codes = [...commonProblems, ...(route.problems ?? [])]
    const { type: found } = problem.parse(body)
    const expected = codes.filter((code) => problems[code][0] === status)
    if (!expected.some((code) => found === `urn:asinstream:problem:${code}`))
      throw new Error(`${where} with ${found}, which its description does not tell of`)
    return
  }
  const content = declared.content ?? {}
  if (type === null || Object.keys(content).length === 0) {
    if (Object.keys(content).length > 0) throw new Error(`${where} without a content-type`)
    return
  }
  if (!(type in content)) throw new Error(`${where} as ${type}, which its description does not tell of`)
  const schema = content[type]
  if (!schema || answer.method === 'HEAD') return
  const parsed = schema.safeParse(body)
  if (!parsed.success)
    throw new Error(`${where} with a body that is not as described: ${parsed.error.message}`)
}

function routeOf({ method, target }: AnswerToCheck): RouteDescription | undefined {
  const path = target.split('?')[0] ?? ''
  const fits = routeDescriptions.filter(
    (route) => route.method === (method === 'HEAD' ? 'GET' : method) && patternOf(route.path).test(path),
  )
  // A path that is a route is that route alone, and takes no method of one with parameters.
  const isRoute = routeDescriptions.some((route) => route.path === path)
  return isRoute ? fits.find((route) => route.path === path) : fits[0]
}

const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`)
