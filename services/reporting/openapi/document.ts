import { z } from 'zod'
import { type ProblemCode, problems } from '#libs/service/problem.ts'
import packageJson from '../../../package.json' with { type: 'json' }
import { accessOf } from '../access/scopes.ts'
import { answersOf, type Content, commonProblems, headersOf, type RouteDescription } from './description.ts'
import { routeDescriptions } from './routes.ts'
import { components, problem } from './schemas.ts'

type Json = Readonly<Record<string, unknown>>

/** How a caller says who it is; each operation names the scope that it needs. */
const SCHEMES = ['key', 'token', 'cookie'] as const

const REFERENCE = '#/components/schemas/'

/** The OpenAPI 3.1 document of the API, made of the schemas that requests and, in tests, answers are checked with. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routeDescriptions) {
    const path = templateOf(route.path)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, namesIn(path)) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'asinstream',
      version: packageJson.version,
      description: packageJson.description,
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routeDescriptions.map(({ tag }) => tag))].map((name) => ({ name })),
    security: SCHEMES.map((scheme) => ({ [scheme]: [] })),
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'a key, or an access token of the OIDC issuer',
        },
        cookie: { type: 'apiKey', in: 'cookie', name: 'asinstream_key' },
      },
    },
  }
}

const PARAMETER = /:(\w+)/g

/**
 * `/products/:id` as `/products/{id}`. Paths that differ by the names of parameters alone are one path for OpenAPI: each
 * parameter has all its names there, `/asin/{asinOrCountry}`.
 */
function templateOf(path: string): string {
  const shape = (one: string) => one.replaceAll(PARAMETER, ':')
  const same = routeDescriptions.filter((route) => shape(route.path) === shape(path))
  const names = same.map((route) => [...route.path.matchAll(PARAMETER)].map(([, name]) => String(name)))
  let place = 0
  return path.replaceAll(PARAMETER, () => {
    const [first = '', ...others] = new Set(names.map((all) => all[place] ?? ''))
    place++
    return `{${[first, ...others.map((name) => name.charAt(0).toUpperCase() + name.slice(1))].join('Or')}}`
  })
}

const namesIn = (template: string): readonly string[] =>
  [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name))

/** @param names of the path's parameters, in their order */
function operation(route: RouteDescription, names: readonly string[]): Json {
  const { operationId, tag, summary, method, path, body } = route
  const access = accessOf(method, path)
  const parameters = [
    ...parametersOf('path', renamed(route, names), () => true),
    ...parametersOf('query', route.query, (name) => route.required?.includes(name) ?? false),
    ...parametersOf('header', headersOf(route), () => false),
  ]
  return {
    operationId,
    tags: [tag],
    summary,
    ...(access === 'public'
      ? { security: [] }
      : {
          description: `Scope: \`${access}\`.`,
          security: SCHEMES.map((scheme) => ({ [scheme]: [access] })),
        }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: body.required, content: contentOf(body.content, 'input') } }),
    responses: {
      ...successesOf(route),
      ...problemsOf(route, access === 'public'),
      // Node's own answer, before any of ours.
      431: { description: 'The head of the request has more than 16 kB.' },
    },
  }
}

function renamed({ path, parameters = {} }: RouteDescription, names: readonly string[]) {
  const own = [...path.matchAll(PARAMETER)].map(([, name]) => String(name))
  return Object.fromEntries(own.map((name, i) => [names[i] ?? name, parameters[name] ?? z.string()]))
}

function parametersOf(
  where: 'path' | 'query' | 'header',
  schemas: Readonly<Record<string, z.ZodType>> = {},
  isRequired: (name: string) => boolean,
): readonly Json[] {
  return Object.entries(schemas).map(([name, schema]) => {
    const { description, ...rest } = toSchema(schema, 'input')
    return {
      name,
      in: where,
      required: isRequired(name),
      ...(description !== undefined && { description }),
      schema: rest,
    }
  })
}

function successesOf(route: RouteDescription): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(answersOf(route)).map(([status, { description, content }]) => [
      status,
      { description, ...(content && { content: contentOf(content, 'output') }) },
    ]),
  )
}

/** By status: each says which types of problems it may be. */
function problemsOf({ problems: own = [] }: RouteDescription, isPublic: boolean): Record<string, Json> {
  const common = isPublic ? commonProblems.filter((code) => code !== 'forbidden') : commonProblems
  const byStatus = Map.groupBy([...common, ...own], (code: ProblemCode) => problems[code][0])
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: [...new Set(codes)].map((code) => `\`${code}\`: ${problems[code][1]}.`).join(' '),
        content: contentOf({ 'application/problem+json': problem }, 'output'),
      },
    ]),
  )
}

function contentOf(content: Content, io: 'input' | 'output'): Json {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [
      type,
      schema === null ? {} : { schema: toSchema(schema, io) },
    ]),
  )
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const id = components.get(schema)?.id
  if (id !== undefined) return { $ref: REFERENCE + id }
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, ...options(io) })
  return rest
}

function componentSchemas(): Json {
  const { schemas } = z.toJSONSchema(components, {
    uri: (id) => REFERENCE + id,
    ...options('output'),
  })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema]),
  )
}

/** Answers may have more fields one day; requests with fields that nobody knows are refused. */
const options = (io: 'input' | 'output') =>
  ({
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  }) satisfies Parameters<typeof z.toJSONSchema>[1]
