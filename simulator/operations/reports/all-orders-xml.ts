/** `GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL`: orders in Amazon's envelope. */

import { toText } from '../../seller/money.ts'
import type { Order } from '../../seller/orders.ts'
import { withOffset } from '../times.ts'
import { orderStatus } from './flat-files.ts'
import { listedTitle } from './titles.ts'

const escapes: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' }
const text = (value: string) => value.replace(/[<>&"]/g, (letter) => escapes[letter] as string)

export function* allOrdersXml(orders: Iterable<Order>): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="amzn-envelope.xsd">\n<Header><DocumentVersion>1.00</DocumentVersion></Header>\n<MessageType>AllOrdersReport</MessageType>\n'
  for (const order of orders) {
    yield `<Message>\n<Order>\n<AmazonOrderID>${order.id}</AmazonOrderID>\n<PurchaseDate>${withOffset(order.createdAt)}</PurchaseDate>\n<LastUpdatedDate>${withOffset(order.lastUpdatedAt)}</LastUpdatedDate>\n<OrderStatus>${orderStatus(order)}</OrderStatus>\n<SalesChannel>${order.marketplace.name}</SalesChannel>\n<FulfillmentData><FulfillmentChannel>${order.channel === 'AFN' ? 'Amazon' : 'Merchant'}</FulfillmentChannel><ShipServiceLevel>Standard</ShipServiceLevel><Address><City>${text(order.buyer.city)}</City><State>${text(order.buyer.region)}</State><PostalCode>${order.buyer.postalCode}</PostalCode><Country>${order.buyer.countryCode}</Country></Address></FulfillmentData>\n`
    for (const { offering, quantity, price, tax, orderItemId } of order.lines) {
      yield `<OrderItem><AmazonOrderItemCode>${orderItemId}</AmazonOrderItemCode><ASIN>${offering.asin}</ASIN><SKU>${text(offering.sku)}</SKU><ItemStatus>${orderStatus(order)}</ItemStatus><ProductName>${text(listedTitle(offering, order.marketplace))}</ProductName><Quantity>${quantity}</Quantity><ItemPrice><Component><Type>Principal</Type><Amount currency="${price.currency}">${toText(price)}</Amount></Component><Component><Type>Tax</Type><Amount currency="${tax.currency}">${toText(tax)}</Amount></Component></ItemPrice></OrderItem>\n`
    }
    yield '</Order>\n</Message>\n'
  }
  yield '</AmazonEnvelope>\n'
}
