const base = new URL('../', import.meta.url)
/** @type {Map<string, Promise<void>>} */
const styles = new Map()

/** Loads a style sheet of ours once; a failed one is tried again the next time. @param {string} path as `pages/jobs.css` */
export function loadStyle(path) {
  const known = styles.get(path)
  if (known) return known
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = new URL(path, base).href
  const { promise, resolve, reject } = Promise.withResolvers()
  link.addEventListener('load', () => resolve(undefined))
  link.addEventListener('error', () => {
    styles.delete(path)
    link.remove()
    reject(new Error(`${path} can not be loaded`))
  })
  document.head.append(link)
  styles.set(path, promise)
  return promise
}
