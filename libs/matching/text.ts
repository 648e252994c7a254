/** Most texts are: what other scripts and accents need is half of the cost of reading a title. */
export const isAscii = (text: string): boolean => !/[^ -~]/.test(text)

/** Lower case, without accents and punctuation, words parted by single spaces. Letters of every script stay. */
export const normalize = (text: string): string =>
  isAscii(text)
    ? text
        .toLowerCase()
        .replaceAll('&', ' and ')
        .replaceAll("'", '')
        .replace(/[^a-z0-9]+/g, ' ')
        .trim()
    : normalizeAny(text)

const normalizeAny = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/&/g, ' and ')
    .replace(/['\u2019]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

const stopWords = new Set(
  (
    'a an and by for from in of on or per the to with x de del des du la le les et en der die das und mit fur von ' +
    'el los las y con para il lo e di da per'
  ).split(' '),
)
const joinedUnit = /(\d)(oz|ml|cl|l|g|kg|mg|lb|lbs|ct|pk|pcs|pc|gb|tb|cm|mm|in)\b/g
const chinese = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u

/** The words of a title that mean something, and whether they are in Latin script. */
export interface TitleWords {
  readonly words: ReadonlySet<string>
  readonly latin: boolean
}

const isLatin = (text: string): boolean => /[a-z]/i.test(text) || /\p{Script=Latin}/u.test(text)

/**
 * Reads a title; scripts without spaces give pairs of characters. Null where there is nothing to read.
 * @param normalized what `normalize` makes of the title
 */
export const titleWords = (
  title: string | null,
  normalized: string = normalize(title ?? ''),
): TitleWords | null => {
  const words = new Set<string>()
  const maybeChinese = !isAscii(normalized)
  for (const word of normalized.replace(joinedUnit, '$1 $2').split(' ')) {
    if (word === '' || stopWords.has(word)) continue
    if (!maybeChinese || word.length < 3 || !chinese.test(word)) words.add(word)
    else for (let i = 0; i + 1 < word.length; i++) words.add(word.slice(i, i + 2))
  }
  return words.size > 0 ? { words, latin: isLatin(title ?? '') } : null
}

/** Whether two texts can be compared letter by letter at all: "Sony" and "ソニー" can not. */
export const sameScript = (a: string, b: string): boolean => isLatin(a) === isLatin(b)

/**
 * How alike two titles are, 0 to 1, or null when that can not be said. What counts most is how much of the catalogue's
 * title is in Amazon's, because Amazon's titles are long.
 */
export const titleSimilarity = (ours: TitleWords | null, theirs: TitleWords | null): number | null => {
  if (!ours || !theirs || ours.latin !== theirs.latin) return null
  let shared = 0
  for (const word of ours.words) if (theirs.words.has(word)) shared++
  return 0.7 * (shared / ours.words.size) + 0.3 * ((2 * shared) / (ours.words.size + theirs.words.size))
}

/** Whether `words` stand in `text` one after the other, both normalised. */
export const containsWords = (text: string, words: string): boolean =>
  words !== '' && ` ${text} `.includes(` ${words} `)
