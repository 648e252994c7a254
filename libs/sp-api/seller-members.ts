import type { SpApi } from './index.ts'

/** An account at Amazon, with an application that it has authorised. */
export interface Seller {
  /** Shown in logs and metrics. */
  readonly name: string
  readonly api: SpApi
  /** Where it may look codes up. */
  readonly marketplaceIds: readonly string[]
}

/** Who is asked, what each is doing, and when one that left may be closed. */
export class SellerMembers {
  #sellers: readonly Seller[]
  readonly #underWay = new Map<Seller, number>()
  readonly #idle = new Map<Seller, () => void>()
  #changed = Promise.withResolvers<void>()

  constructor(sellers: readonly Seller[]) {
    this.#sellers = sellers
  }

  get all(): readonly Seller[] {
    return this.#sellers
  }

  /** Resolves when there are other ones. */
  get change(): Promise<void> {
    return this.#changed.promise
  }

  has(seller: Seller): boolean {
    return this.#sellers.includes(seller)
  }

  serving(marketplaceId: string): readonly Seller[] {
    return this.#sellers.filter((seller) => seller.marketplaceIds.includes(marketplaceId))
  }

  underWay(seller: Seller): number {
    return this.#underWay.get(seller) ?? 0
  }

  begin(seller: Seller): void {
    this.#underWay.set(seller, this.underWay(seller) + 1)
  }

  end(seller: Seller): void {
    const left = this.underWay(seller) - 1
    if (left > 0) return void this.#underWay.set(seller, left)
    this.#underWay.delete(seller)
    this.#idle.get(seller)?.()
  }

  /** Answers those that left; see `retire`. */
  replace(sellers: readonly Seller[]): readonly Seller[] {
    const left = this.#sellers.filter((seller) => !sellers.includes(seller))
    this.#sellers = sellers
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
    return left
  }

  /** Closes a seller that left, once its work has ended. */
  async retire(seller: Seller): Promise<void> {
    if (this.underWay(seller) > 0) await new Promise<void>((resolve) => this.#idle.set(seller, resolve))
    this.#idle.delete(seller)
    await seller.api.close()
  }
}
