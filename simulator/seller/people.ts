/** Buyers and where they live. All invented; names have the letters that break careless decoders. */

import { combine, pick } from '../catalogue/hash.ts'
import type { Marketplace } from '../marketplaces.ts'

export interface Person {
  readonly name: string
  /** The address that Amazon gives in place of the buyer's. */
  readonly email: string
  readonly street: string
  readonly city: string
  readonly region: string
  readonly postalCode: string
  readonly countryCode: string
  readonly phone: string
}

interface Place {
  readonly names: readonly string[]
  readonly streets: readonly string[]
  /** City, region, postal code. */
  readonly cities: readonly (readonly [string, string, string])[]
}

const english: Place = {
  names: ['Zoë Hartwell', 'Ned Okafor', "Maura O'Shea", 'Priya Venkat', 'Tomás Ibarra', 'Grace Lindqvist'],
  streets: ['Larch Street', 'Mill Road', 'Station Avenue', 'Quarry Lane'],
  cities: [
    ['Springfield', 'IL', '62701'],
    ['Salem', 'OR', '97301'],
    ['Dover', 'DE', '19901'],
    ['Helena', 'MT', '59601'],
  ],
}
const european: Place = {
  names: ['Jürgen Weiß', 'Chloé Lefèvre', 'Łukasz Żak', 'Inês Gonçalves', 'Søren Bjørk', 'Noémie Brûlé'],
  streets: ['Gartenstraße', 'Rue de l’Église', 'Via Nuova', 'Calle Mayor'],
  cities: [
    ['Nürnberg', '', '90402'],
    ['Besançon', '', '25000'],
    ['Málaga', '', '29001'],
    ['Forlì', 'FC', '47121'],
  ],
}
const japanese: Place = {
  names: ['佐藤 花子', '髙橋 健', '渡邊 美咲', '鈴木 一郎'],
  streets: ['中央一丁目', '本町二丁目', '緑ヶ丘三丁目'],
  cities: [
    ['札幌市', '北海道', '060-0001'],
    ['横浜市', '神奈川県', '220-0011'],
    ['神戸市', '兵庫県', '650-0001'],
  ],
}
const ENGLISH = new Set(['US', 'CA', 'GB', 'IE', 'AU', 'SG', 'IN', 'ZA', 'AE'])

const SALT = { name: 81, street: 82, city: 83, number: 84 }

/** Whom a hash stands for in a marketplace's country. */
export function personOf(hash: number, { countryCode }: Marketplace): Person {
  const place = countryCode === 'JP' ? japanese : ENGLISH.has(countryCode) ? english : european
  const [city, region, postalCode] = pick(place.cities, combine(hash, SALT.city))
  const number = 1 + (combine(hash, SALT.number) % 180)
  const local = combine(hash, SALT.number + 1)
    .toString(36)
    .padStart(7, '0')
  return {
    name: pick(place.names, combine(hash, SALT.name)),
    email: `${local}@marketplace.example`,
    street: `${pick(place.streets, combine(hash, SALT.street))} ${number}`,
    city,
    region,
    postalCode,
    countryCode,
    phone: `+00 555 ${(hash % 10_000).toString().padStart(4, '0')}`,
  }
}
