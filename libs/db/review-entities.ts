import { defineEntity, p } from '@mikro-orm/core'

export const matchVerdicts = ['accepted', 'rejected'] as const
export type MatchVerdictName = (typeof matchVerdicts)[number]

/** Why a decision holds no more. */
export const decisionEnds = ['undone', 'replaced', 'new code'] as const
export type DecisionEnd = (typeof decisionEnds)[number]

export const MatchDecision = defineEntity({
  name: 'MatchDecision',
  tableName: 'match_decisions',
  properties: {
    id: p.bigint('number').primary(),
    actionId: p.uuid(),
    productId: p.uuid(),
    marketplaceId: p.string().length(20),
    asin: p.string().length(10),
    verdict: p.string().$type<MatchVerdictName>().length(10),
    upc: p.string().length(64).nullable(),
    title: p.text().nullable(),
    note: p.string().length(500).nullable(),
    decidedBy: p.string().length(255),
    decidedAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    endedAt: p.datetime().columnType('timestamptz').nullable(),
    endedBy: p.string().length(255).nullable(),
    endedBecause: p.string().$type<DecisionEnd>().length(10).nullable(),
    endedAction: p.uuid().nullable(),
  },
})

export const UnaidedMatch = defineEntity({
  name: 'UnaidedMatch',
  tableName: 'unaided_matches',
  properties: {
    productId: p.uuid().primary(),
    marketplaceId: p.string().length(20).primary(),
    result: p.string().length(20),
    reason: p.text().nullable(),
    asin: p.string().length(10).nullable(),
  },
})
