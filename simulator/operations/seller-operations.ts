/** The operations of a seller's own affairs: what was ordered and paid, reports, feeds, and what goes with them. */

import { getAccount } from './account.ts'
import { changeDataKiosk, dataKioskOperations } from './data-kiosk/operations.ts'
import { changeDocuments } from './documents/serve.ts'
import { changeFeeds, feedOperations } from './feeds/operations.ts'
import { financeOperations } from './finances/finances.ts'
import { inboundPlanOperations } from './inbound/inbound-plans.ts'
import { inboundV0Operations } from './inbound/inbound-v0.ts'
import { readNotifications, sendNotification } from './notifications/control-routes.ts'
import { destinationOperations } from './notifications/destinations.ts'
import { subscriptionOperations } from './notifications/subscriptions.ts'
import type { ControlRoute, Operation } from './operation.ts'
import { getOrderMetrics } from './order-metrics.ts'
import { orders2026Operations } from './orders/orders-2026.ts'
import { ordersV0Operations } from './orders/orders-v0.ts'
import { changeProcessing, changeReports, reportOperations } from './reports/index.ts'
import { createRestrictedDataToken } from './restricted-data-token.ts'
import { readClientSecret, rotateApplicationClientSecret } from './rotate-client-secret.ts'

export const sellerOperations: readonly Operation[] = [
  ...reportOperations,
  ...feedOperations,
  createRestrictedDataToken,
  ...orders2026Operations,
  ...ordersV0Operations,
  ...destinationOperations,
  ...subscriptionOperations,
  ...financeOperations,
  ...dataKioskOperations,
  ...inboundPlanOperations,
  ...inboundV0Operations,
  getAccount,
  getOrderMetrics,
  rotateApplicationClientSecret,
]

export const sellerControlRoutes: readonly ControlRoute[] = [
  changeProcessing,
  changeReports,
  changeFeeds,
  changeDocuments,
  readNotifications,
  sendNotification,
  readClientSecret,
  changeDataKiosk,
]
