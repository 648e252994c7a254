import { html } from '../core/html.js'

/** Strokes on a grid of 24, as Lucide and Feather draw them. */
const PATHS = {
  home: 'M4 11.5 12 4l8 7.5M6.5 9.5V20h11V9.5',
  jobs: 'M4 12h3l2.5-7 5 14L17 12h3',
  box: 'M12 3 20 7.5v9L12 21l-8-4.5v-9L12 3ZM4.3 7.7 12 12l7.7-4.3M12 12v9',
  scale: 'M12 4v16M8 20h8M5 7h14M5 7l-3 7a3.2 3.2 0 0 0 6 0L5 7ZM19 7l-3 7a3.2 3.2 0 0 0 6 0l-3-7Z',
  barcode: 'M4 6v12M7.5 6v12M10.5 6v9M13.5 6v12M17 6v9M20 6v12',
  alert: 'M12 4 2.8 19.5h18.4L12 4ZM12 10v4.5M12 17.2v.1',
  upload: 'M12 15V4M7.5 8.5 12 4l4.5 4.5M4 15v4.5h16V15',
  download: 'M12 4v11M7.5 10.5 12 15l4.5-4.5M4 15v4.5h16V15',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4',
  play: 'M7 4.8v14.4L19 12 7 4.8Z',
  pause: 'M8.5 5v14M15.5 5v14',
  stop: 'M6.5 6.5h11v11h-11z',
  retry: 'M20 11a8 8 0 1 0-2.3 6.2M20 5v6h-6',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6 6 18',
  search: 'M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM15.8 15.8 20 20',
  copy: 'M9 9h10.5v10.5H9zM5.5 15H4.5V4.5H15v1',
  external: 'M13.5 4.5H19.5V10.5M19.5 4.5 11 13M17 13.5v6H4.5V7h6',
  'chevron-right': 'm9.5 5.5 6.5 6.5-6.5 6.5',
  'chevron-left': 'm14.5 5.5-6.5 6.5 6.5 6.5',
  'chevron-down': 'm5.5 9.5 6.5 6.5 6.5-6.5',
  plus: 'M12 5v14M5 12h14',
  key: 'M8 10.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM11.3 12 19.5 4M16 7.5l2.8 2.8',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  moon: 'M20 14.2A8.3 8.3 0 0 1 9.8 4 8.3 8.3 0 1 0 20 14.2Z',
  auto: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 3.5v17',
  menu: 'M4 7h16M4 12h16M4 17h16',
  help: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM9.6 9.6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.2 1-1.2 1.9M12 16.7v.1',
  keyboard: 'M3 6.5h18v11H3zM7 10h.1M10.5 10h.1M14 10h.1M17.3 10h.1M8 14h8',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 1 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 1 0 11 18.700l1-1',
  undo: 'M8.5 5 4 9.5 8.5 14M4 9.500h10a5.5 5.5 0 0 1 0 11h-3',
  edit: 'M4 20h4L19.5 8.500l-4-4L4 16v4ZM13.5 6.500l4 4',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.500L20 17M15.5 9v.1',
  filter: 'M4 5.500h16l-6 7V19l-4-2v-4.500l-6-7Z',
  info: 'M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 11v5.500M12 7.700v.1',
  logout: 'M14 4.500h5.500v15H14M4 12h11M11 8l4 4-4 4',
  book: 'M5 4.500h10.500a3.5 3.5 0 0 1 3.5 3.500v11.500H8a3 3 0 0 1-3-3v-12ZM5 16.500a3 3 0 0 1 3-3h11',
  bolt: 'M13 3 5 13.500h6L10.5 21 19 10.500h-6L13 3Z',
}

/** A drawing beside words: it says nothing to screen readers. @param {{ name: keyof typeof PATHS, class?: string }} props */
export function Icon({ name, class: names = '' }) {
  return html`<svg class=${`icon ${names}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} />
  </svg>`
}
