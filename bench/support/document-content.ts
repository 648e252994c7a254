import { gzipSync } from 'node:zlib'

export const documentFormats = ['tsv', 'json', 'xml'] as const
export type DocumentFormat = (typeof documentFormats)[number]

/** A report of any size: its middle part stands there as often as it takes. Parts are gzip on their own, which readers join. */
export interface DocumentContent {
  readonly reportType: string
  readonly contentType: string
  readonly start: Buffer
  readonly middle: Buffer
  readonly end: Buffer
  readonly times: number
  readonly rows: number
  /** Decompressed and compressed. */
  readonly textBytes: number
  readonly storedBytes: number
}

interface Recipe {
  readonly reportType: string
  readonly contentType: string
  readonly encoding: BufferEncoding
  readonly start: string
  readonly row: (index: number) => string
  readonly end: string
}

const COLUMNS = [
  'item-name',
  'item-description',
  'listing-id',
  'seller-sku',
  'price',
  'quantity',
  'open-date',
  'image-url',
  'item-is-marketplace',
  'product-id-type',
  'zshop-shipping-fee',
  'item-note',
  'item-condition',
  'asin1',
  'product-id',
  'pending-quantity',
  'fulfillment-channel',
  'merchant-shipping-group',
  'status',
]

const title = (index: number) =>
  `Gerät Nº ${index} für Küche & Büro, 19" – Größe ${index % 60}`.replace('–', '-')
const asin = (index: number) =>
  `B0${(index * 2_654_435_761).toString(36).toUpperCase().padStart(8, '0').slice(-8)}`

const recipes: Readonly<Record<DocumentFormat, Recipe>> = {
  tsv: {
    reportType: 'GET_MERCHANT_LISTINGS_ALL_DATA',
    contentType: 'text/plain; charset=Cp1252',
    encoding: 'latin1',
    start: `${COLUMNS.join('\t')}\r\n`,
    row: (index) =>
      `${[
        title(index),
        `${title(index)}. In der Farbe ${index % 17}, mit Zubehör.`,
        `${index % 10_000}${index + 100_000}L`,
        `SKU-${index}`,
        `${index % 300}.99`,
        index % 40,
        '2026-10-01 00:00:00 UTC',
        '',
        'y',
        1,
        '',
        '',
        11,
        asin(index),
        asin(index),
        0,
        index % 2 === 0 ? 'AMAZON_EU' : 'DEFAULT',
        'Migrated Template',
        'Active',
      ].join('\t')}\r\n`,
    end: '',
  },
  json: {
    reportType: 'GET_SALES_AND_TRAFFIC_REPORT',
    contentType: 'application/json; charset=UTF-8',
    encoding: 'utf8',
    start:
      '{"reportSpecification":{"reportType":"GET_SALES_AND_TRAFFIC_REPORT"},"salesAndTrafficByDate":[],"salesAndTrafficByAsin":[',
    row: (index) =>
      `${JSON.stringify({
        parentAsin: asin(index),
        sku: `SKU-${index}`,
        salesByAsin: {
          unitsOrdered: index % 50,
          orderedProductSales: { amount: (index % 9_000) + 0.99, currencyCode: 'EUR' },
          totalOrderItems: index % 45,
        },
        trafficByAsin: {
          browserSessions: index % 900,
          mobileAppSessions: index % 700,
          sessions: index % 1_600,
          sessionPercentage: 0.25,
          pageViews: index % 3_000,
          buyBoxPercentage: 98.7,
          unitSessionPercentage: 3.125,
        },
      })},`,
    end: '{"parentAsin":"B000000000","sku":"the last one"}]}',
  },
  xml: {
    reportType: 'GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL',
    contentType: 'text/xml; charset=UTF-8',
    encoding: 'utf8',
    start: '<?xml version="1.0" encoding="UTF-8"?>\n<AmazonEnvelope>\n',
    row: (
      index,
    ) => `<Message><Order><AmazonOrderID>302-${String(index).padStart(7, '0')}-1234567</AmazonOrderID>
<PurchaseDate>2026-11-01T12:00:00+00:00</PurchaseDate><OrderStatus>Shipped</OrderStatus><SalesChannel>Amazon.de</SalesChannel>
<FulfillmentData><FulfillmentChannel>Amazon</FulfillmentChannel><Address><City>Köln</City><PostalCode>50667</PostalCode><Country>DE</Country></Address></FulfillmentData>
<OrderItem><ASIN>${asin(index)}</ASIN><SKU>SKU-${index}</SKU><ProductName>${title(index).replace('&', '&amp;')}</ProductName><Quantity>1</Quantity>
<ItemPrice><Component><Type>Principal</Type><Amount currency="EUR">${index % 300}.99</Amount></Component></ItemPrice></OrderItem></Order></Message>
`,
    end: '</AmazonEnvelope>\n',
  },
}

const MIDDLE_BYTES = 4_000_000

/** A document of about so many bytes of text. */
export function documentContent(format: DocumentFormat, textBytes: number): DocumentContent {
  const { reportType, contentType, encoding, start, row, end } = recipes[format]
  let middle = ''
  let rowsOfMiddle = 0
  while (middle.length < Math.min(MIDDLE_BYTES, textBytes)) middle += row(rowsOfMiddle++)
  const plain = [start, middle, end].map((part) => Buffer.from(part, encoding))
  const stored = plain.map((part) => (part.length === 0 ? part : gzipSync(part)))
  const times = Math.max(1, Math.round(textBytes / plain[1]!.length))
  const total = (parts: readonly Buffer[]) => parts[0]!.length + times * parts[1]!.length + parts[2]!.length
  return {
    reportType,
    contentType,
    start: stored[0]!,
    middle: stored[1]!,
    end: stored[2]!,
    times,
    rows: times * rowsOfMiddle + (format === 'json' ? 1 : 0),
    textBytes: total(plain),
    storedBytes: total(stored),
  }
}
