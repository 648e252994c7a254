import { z } from 'zod'
import { newKeySchema } from '../access/key-routes.ts'
import { sessionSchema } from '../access/session.ts'
import type { RouteDescription } from './description.ts'
import { json } from './route-parts.ts'
import * as schemas from './schemas.ts'

/** Who may do what: sessions of browsers, and keys. */
export const accessRoutes: readonly RouteDescription[] = [
  {
    method: 'GET',
    path: '/api/session',
    operationId: 'getSession',
    tag: 'Access',
    summary: 'Who the request comes from, and what they may do.',
    answers: { 200: { description: 'The caller; null: nobody.', content: json(schemas.session) } },
  },
  {
    method: 'POST',
    path: '/api/session',
    operationId: 'enter',
    tag: 'Access',
    summary: 'Gives a browser its key back as a cookie.',
    body: { required: true, content: json(sessionSchema) },
    answers: { 200: { description: 'The caller.', content: json(schemas.session) } },
    problems: ['invalid-fields', 'invalid-document', 'body-too-large', 'unsupported-content'],
  },
  {
    method: 'DELETE',
    path: '/api/session',
    operationId: 'leave',
    tag: 'Access',
    summary: 'Takes the cookie away.',
    answers: { 204: { description: 'It is gone.' } },
  },
  {
    method: 'GET',
    path: '/api/keys',
    operationId: 'listKeys',
    tag: 'Access',
    summary: 'Keys of the API, the newest first.',
    answers: {
      200: { description: 'All of them.', content: json(schemas.pageOf('ApiKeyPage', schemas.apiKey)) },
    },
  },
  {
    method: 'POST',
    path: '/api/keys',
    operationId: 'createKey',
    tag: 'Access',
    summary: 'Makes a key; it is told this once.',
    body: { required: true, content: json(newKeySchema) },
    answers: { 201: { description: 'The key.', content: json(schemas.apiKey) } },
    problems: ['invalid-fields', 'invalid-document', 'body-too-large', 'unsupported-content'],
  },
  {
    method: 'DELETE',
    path: '/api/keys/:id',
    operationId: 'revokeKey',
    tag: 'Access',
    summary: 'A key stops working at once, for ever.',
    parameters: { id: z.string().describe('its id, or its first characters as the list shows them') },
    answers: { 200: { description: 'The key as it was.', content: json(schemas.apiKey) } },
    problems: ['not-found'],
  },
]
