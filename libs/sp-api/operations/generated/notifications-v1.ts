// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './notifications-v1.json' with { type: 'json' }

export interface AggregationFilter {
  readonly aggregationSettings?: AggregationSettings
}

export interface AggregationSettings {
  readonly aggregationTimePeriod: AggregationTimePeriod
}

export type AggregationTimePeriod = "FiveMinutes" | "TenMinutes" | (string & {})

export interface CreateDestinationRequest {
  readonly resourceSpecification: DestinationResourceSpecification
  readonly name: string
}

export interface CreateDestinationResponse {
  readonly payload?: Destination
  readonly errors?: ErrorList
}

export interface CreateSubscriptionRequest {
  readonly payloadVersion: string
  readonly destinationId: string
  readonly processingDirective?: ProcessingDirective
}

export interface CreateSubscriptionResponse {
  readonly payload?: Subscription
  readonly errors?: ErrorList
}

export interface DeleteDestinationResponse {
  readonly errors?: ErrorList
}

export interface DeleteSubscriptionByIdResponse {
  readonly errors?: ErrorList
}

export interface Destination {
  readonly name: string
  readonly destinationId: string
  readonly resource: DestinationResource
}

export type DestinationList = ReadonlyArray<Destination>

export interface DestinationResource {
  readonly sqs?: SqsResource
  readonly eventBridge?: EventBridgeResource
}

export interface DestinationResourceSpecification {
  readonly sqs?: SqsResource
  readonly eventBridge?: EventBridgeResourceSpecification
}

export interface ApiError {
  readonly code: string
  readonly message: string
  readonly details?: string
}

export type ErrorList = ReadonlyArray<ApiError>

export interface EventBridgeResource {
  readonly name: string
  readonly region: string
  readonly accountId: string
}

export interface EventBridgeResourceSpecification {
  readonly region: string
  readonly accountId: string
}

export type EventFilter = AggregationFilter & MarketplaceFilter & OrderChangeTypeFilter & TrackingFilter & {
  readonly eventFilterType: "ANY_OFFER_CHANGED" | "ORDER_CHANGE" | "SHIPMENT_TRACKING_MILESTONE_CHANGED" | (string & {})
}

export interface GetDestinationResponse {
  readonly payload?: Destination
  readonly errors?: ErrorList
}

export interface GetDestinationsResponse {
  readonly payload?: DestinationList
  readonly errors?: ErrorList
}

export interface GetSubscriptionByIdResponse {
  readonly payload?: Subscription
  readonly errors?: ErrorList
}

export interface GetSubscriptionResponse {
  readonly payload?: Subscription
  readonly errors?: ErrorList
}

export interface GetSubscriptionsPayload {
  readonly subscriptions?: Subscriptions
  readonly nextToken?: string
}

export interface GetSubscriptionsResponse {
  readonly payload?: GetSubscriptionsPayload
  readonly errors?: ErrorList
}

export interface MarketplaceFilter {
  readonly marketplaceIds?: MarketplaceIds
}

export type MarketplaceIds = ReadonlyArray<string>

export type OrderChangeTypeEnum = "BuyerRequestedChange" | "DeliveryTipChange" | "OrderStatusChange" | (string & {})

export interface OrderChangeTypeFilter {
  readonly orderChangeTypes?: OrderChangeTypes
}

export type OrderChangeTypes = ReadonlyArray<OrderChangeTypeEnum>

export interface ProcessingDirective {
  readonly eventFilter?: EventFilter
  readonly filterExpression?: string
}

export interface SqsResource {
  readonly arn: string
}

export interface Subscription {
  readonly subscriptionId: string
  readonly payloadVersion: string
  readonly destinationId: string
  readonly processingDirective?: ProcessingDirective
}

export type Subscriptions = ReadonlyArray<Subscription>

export interface TrackingFilter {
  readonly trackingIdentifier?: TrackingIdentifier
}

export interface TrackingIdentifier {
  readonly id?: string
  readonly acsin?: string
  readonly aftn?: string
  readonly containerNumber?: string
  readonly houseBillOfLadingNumber?: string
  readonly carrierTracking?: {
    readonly trackingNumber: string
    readonly carrierCode?: string
  }
}

export interface CreateDestinationParameters {
  readonly body: CreateDestinationRequest
}

export interface CreateSubscriptionParameters {
  readonly body: CreateSubscriptionRequest
  readonly notificationType: string
}

export interface DeleteDestinationParameters {
  readonly destinationId: string
}

export interface DeleteSubscriptionByIdParameters {
  readonly subscriptionId: string
  readonly notificationType: string
}

export interface GetDestinationParameters {
  readonly destinationId: string
}

export interface GetDestinationsParameters {}

export interface GetSubscriptionParameters {
  readonly notificationType: string
  readonly payloadVersion?: string
}

export interface GetSubscriptionByIdParameters {
  readonly subscriptionId: string
  readonly notificationType: string
}

export interface GetSubscriptionsParameters {
  readonly notificationTypes: ReadonlyArray<string>
  readonly payloadVersion?: string
  readonly pageSize?: number
  readonly nextToken?: string
}

const operations = operationsOf('notifications-v1', api)

/** POST /notifications/v1/destinations */
export const createDestination: Operation<CreateDestinationParameters, CreateDestinationResponse> =
  operations('createDestination')

/** POST /notifications/v1/subscriptions/{notificationType} */
export const createSubscription: Operation<CreateSubscriptionParameters, CreateSubscriptionResponse> =
  operations('createSubscription')

/** DELETE /notifications/v1/destinations/{destinationId} */
export const deleteDestination: Operation<DeleteDestinationParameters, DeleteDestinationResponse> =
  operations('deleteDestination')

/** DELETE /notifications/v1/subscriptions/{notificationType}/{subscriptionId} */
export const deleteSubscriptionById: Operation<DeleteSubscriptionByIdParameters, DeleteSubscriptionByIdResponse> =
  operations('deleteSubscriptionById')

/** GET /notifications/v1/destinations/{destinationId} */
export const getDestination: Operation<GetDestinationParameters, GetDestinationResponse> =
  operations('getDestination')

/** GET /notifications/v1/destinations */
export const getDestinations: Operation<GetDestinationsParameters, GetDestinationsResponse> =
  operations('getDestinations')

/** GET /notifications/v1/subscriptions/{notificationType} */
export const getSubscription: Operation<GetSubscriptionParameters, GetSubscriptionResponse> =
  operations('getSubscription')

/** GET /notifications/v1/subscriptions/{notificationType}/{subscriptionId} */
export const getSubscriptionById: Operation<GetSubscriptionByIdParameters, GetSubscriptionByIdResponse> =
  operations('getSubscriptionById')

/** GET /notifications/v1/subscriptions */
export const getSubscriptions: Operation<GetSubscriptionsParameters, GetSubscriptionsResponse> =
  operations('getSubscriptions')
