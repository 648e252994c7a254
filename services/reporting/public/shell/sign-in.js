import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../components/button.js'
import { Field } from '../components/field.js'
import { Card, Page } from '../components/page.js'
import { Code } from '../components/values.js'
import { html } from '../core/html.js'
import { useAction } from '../core/query.js'
import { signIn } from '../core/session.js'

/** A key opens the page; the server keeps it in a cookie that no script can read. */
export function SignIn() {
  const [key, setKey] = useState('')
  const field = useRef(/** @type {HTMLInputElement | null} */ (null))
  const [enter, { busy, error }] = useAction(() => signIn(key.trim()))
  useEffect(() => field.current?.focus(), [])
  const submit = async (event) => {
    event.preventDefault()
    await enter()
    field.current?.select()
  }
  return html`<div class="sign-in"><${Page} title="Who asks?">
    <${Card}>
      <form class="stack" onSubmit=${submit}>
        <p>This server asks for an API key.</p>
        <${Field} label="API key" name="key" kind="password" value=${key} onInput=${setKey} required
          autocomplete="current-password" inputRef=${field} error=${error?.message} />
        <div class="row"><${Button} kind="primary" type="submit" icon="key" busy=${busy}>Come in<//></div>
        <div class="stack-small"><p class="small soft">Somebody with access to the server makes one:</p>
          <${Code} value="asinstream keys create --name me --scope admin" copy /></div>
      </form>
    <//>
  <//></div>`
}
