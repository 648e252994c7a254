/** Lower case, without accents and punctuation, words parted by single spaces. Letters of every script stay. */
export const normalize = (text: string): string =>
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

/** The words of a title that mean something; scripts without spaces give pairs of characters. */
export const titleTokens = (title: string): ReadonlySet<string> => {
  const tokens = new Set<string>()
  for (const word of normalize(title).replace(joinedUnit, '$1 $2').split(' ')) {
    if (word === '' || stopWords.has(word)) continue
    if (!chinese.test(word) || word.length < 3) tokens.add(word)
    else for (let i = 0; i + 1 < word.length; i++) tokens.add(word.slice(i, i + 2))
  }
  return tokens
}

const isLatin = (text: string): boolean => /\p{Script=Latin}/u.test(text)

/** Whether two texts can be compared letter by letter at all: "Sony" and "ソニー" can not. */
export const sameScript = (a: string, b: string): boolean => isLatin(a) === isLatin(b)

/**
 * How alike two titles are, 0 to 1, or null when that can not be said. What counts most is how much of the catalogue's
 * title is in Amazon's, because Amazon's titles are long.
 */
export const titleSimilarity = (ours: string | null, theirs: string | null): number | null => {
  if (!ours || !theirs || !sameScript(ours, theirs)) return null
  const a = titleTokens(ours)
  const b = titleTokens(theirs)
  if (a.size === 0 || b.size === 0) return null
  let shared = 0
  for (const token of a) if (b.has(token)) shared++
  return 0.7 * (shared / a.size) + 0.3 * ((2 * shared) / (a.size + b.size))
}

/** Whether `words` stand in `text` one after the other, both normalised. */
export const containsWords = (text: string, words: string): boolean =>
  words !== '' && ` ${text} `.includes(` ${words} `)
