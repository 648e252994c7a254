/** What pages are made of: they import from here alone. README.md has the conventions. */
export { createContext, Fragment } from 'preact'
export {
  useCallback,
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from 'preact/hooks'
export { Area } from './components/area.js'
export { Button } from './components/button.js'
export { Chart } from './components/chart.js'
export { confirm, Dialog } from './components/dialog.js'
export { Field, fieldError } from './components/field.js'
export { Filters } from './components/filters.js'
export { Icon } from './components/icon.js'
export { Empty, ErrorBox, Loading, Notice } from './components/notices.js'
export { Card, Grid, Page, useTitle } from './components/page.js'
export { Pager } from './components/pager.js'
export { jobStates, partsOf, productStates, StatePill, stateOf } from './components/state.js'
export { Table } from './components/table.js'
export { toast } from './components/toast.js'
export { Code, Facts, Json, Meter, Num, Stack, Tabs, Time } from './components/values.js'
export { ApiError, api, connection, url } from './core/api.js'
export { useEvents } from './core/events.js'
export {
  formatAgo,
  formatBytes,
  formatDuration,
  formatMoney,
  formatNumber,
  formatPercent,
  formatTime,
} from './core/format.js'
export { useHotkeys } from './core/hotkeys.js'
export { html } from './core/html.js'
export { useMarketplaces } from './core/marketplaces.js'
export { useAction, useList, usePoll, useQuery } from './core/query.js'
export { Link, navigate, useSearch } from './core/router.js'
export { signOut, useSession } from './core/session.js'
export { createStore, useStore } from './core/store.js'
export { setTheme, theme } from './core/theme.js'
