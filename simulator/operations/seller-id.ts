/** `POST /_simulator/seller`: the merchant id of whoever signs in with a refresh token, as paths and answers have it. */

import { sellerName } from '../lwa.ts'
import { sellerOf } from '../seller/seller.ts'
import type { ControlRoute } from './operation.ts'

export const readSeller: ControlRoute = {
  route: 'POST /_simulator/seller',
  answer({ body: { refreshToken } }, world) {
    if (typeof refreshToken !== 'string' || refreshToken === '')
      throw new Error('refreshToken must be given.')
    const { merchantId, assortment } = sellerOf({ seller: sellerName(refreshToken) }, world)
    return { sellerId: merchantId, listings: assortment.size }
  },
}
