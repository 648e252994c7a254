import { createStore } from './store.js'

const KEY = 'asinstream.theme'

/** 'auto' | 'light' | 'dark'. `theme-start.js` has set it before the first paint. */
export const theme = createStore(document.documentElement.dataset.theme ?? 'auto')

/** @param {string} next */
export function setTheme(next) {
  document.documentElement.dataset.theme = next
  try {
    localStorage.setItem(KEY, next)
  } catch (error) {
    // A browser that keeps nothing shows it until the page is closed.
    console.info('the theme is not remembered', error)
  }
  theme.set(next)
}
