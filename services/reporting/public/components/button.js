import { html } from '../core/html.js'
import { Icon } from './icon.js'

/**
 * A button, or with `href` a link that looks like one. While `busy` it can not be pressed again.
 * @param {{ kind?: 'primary' | 'default' | 'quiet' | 'danger', icon?: string, busy?: boolean, small?: boolean, href?: string, label?: string, children?: any, [name: string]: any }} props
 */
export function Button({
  kind = 'default',
  icon,
  busy,
  small,
  href,
  label,
  children,
  type,
  disabled,
  ...rest
}) {
  const attributes = {
    class: `button ${kind}${small ? ' small-button' : ''}${children ? '' : ' icon-only'}`,
    'aria-label': label,
    title: children ? undefined : label,
    ...rest,
  }
  const inside = html`${icon && html`<${Icon} name=${icon} />`}${children && html`<span>${children}</span>`}`
  if (href !== undefined) return html`<a href=${href} ...${attributes}>${inside}</a>`
  return html`<button type=${type ?? 'button'} disabled=${disabled || busy} aria-busy=${busy ? 'true' : undefined} ...${attributes}>
    ${inside}
  </button>`
}
