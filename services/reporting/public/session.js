const form = document.querySelector('#session')
const field = form.querySelector('input')
const problem = form.querySelector('[role=alert]')

/** Shows the form for the API key, or hides it. */
export function askForKey(wanted) {
  if (form.hidden === !wanted) return
  form.hidden = !wanted
  document.body.classList.toggle('locked', wanted)
  if (wanted) field.focus()
}

/** The server keeps the key in a cookie that no script can read; `onEntered` is called once it took one. */
export function listenForKey(onEntered) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    problem.textContent = ''
    try {
      const answer = await fetch('/api/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ key: field.value.trim() }),
      })
      if (!answer.ok) throw new Error((await answer.json()).detail)
      field.value = ''
      askForKey(false)
      onEntered()
    } catch (error) {
      problem.textContent = error.message
      field.select()
    }
  })
}
