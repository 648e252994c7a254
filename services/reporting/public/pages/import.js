import {
  Button,
  Card,
  Code,
  html,
  Icon,
  Link,
  Notice,
  Page,
  useEffect,
  useRef,
  useSession,
  useState,
  useStore,
} from '../kit.js'
import { ImportCard } from './import-report.js'
import { addFiles, endings, imports } from './import-store.js'

const EXAMPLE = `sku,upc,title,brand,supplier,category,pack_quantity
MUG-0412,036000291452,"Stoneware mug, 12 oz",Harbor,Harbor Distribution,Kitchen,1`

export default function ImportPage() {
  const sent = useStore(imports)
  const { may } = useSession()
  return html`
    <${Page} title="Import" lead="Products from a file, by their SKU: good lines are kept, bad ones are reported.">
      ${
        may('products')
          ? html`<${DropZone} />`
          : html`<${Notice} kind="warn" title="This key may not import">It takes one with the scope <code>products</code>.<//>`
      }
      <div class="stack" aria-live="polite" aria-relevant="additions">
        ${sent.map((one) => html`<${ImportCard} key=${one.id} item=${one} />`)}
      </div>
      <${Card} title="What a file looks like">
        <div class="stack">
          <p>
            The first line names the columns: <code>sku</code>, and any of <code>upc</code>, <code>title</code>,${' '}
            <code>brand</code>, <code>supplier</code>, <code>category</code>, <code>pack_quantity</code>, in any order.
            A SKU that is there already is updated; a column that is absent keeps what is stored.
          </p>
          <${Code} value=${EXAMPLE} copy />
          <p class="soft">
            NDJSON has an object a line, JSON an array of them, XLSX its first sheet. Codes may be damaged: what is wrong
            with one is found by the sync, and shown under <${Link} href="/ui/invalid">invalid codes<//>.${' '}
            <code>npm run import -- file</code> does the same from a terminal.
          </p>
        </div>
      <//>
    <//>`
}

function DropZone() {
  const [over, setOver] = useState(false)
  const input = useRef(null)
  // A file that misses the zone must not make the browser leave the page for it.
  useEffect(() => {
    const keep = (event) => event.preventDefault()
    window.addEventListener('dragover', keep)
    window.addEventListener('drop', keep)
    return () => {
      window.removeEventListener('dragover', keep)
      window.removeEventListener('drop', keep)
    }
  }, [])

  function dropped(event) {
    event.preventDefault()
    setOver(false)
    addFiles([...event.dataTransfer.files])
  }
  function picked(event) {
    addFiles([...event.currentTarget.files])
    // The same file again is a new import.
    event.currentTarget.value = ''
  }
  return html`
    <div
      class=${over ? 'drop-zone over' : 'drop-zone'}
      onDragEnter=${() => setOver(true)}
      onDragOver=${(event) => {
        event.preventDefault()
        event.dataTransfer.dropEffect = 'copy'
        setOver(true)
      }}
      onDragLeave=${(event) => event.currentTarget.contains(event.relatedTarget) || setOver(false)}
      onDrop=${dropped}
    >
      <${Icon} name="upload" />
      <p class="drop-title">${over ? 'Let go to import' : 'Drop files here'}</p>
      <p class="soft small">CSV, NDJSON, JSON or XLSX, of any length</p>
      <label class="visually-hidden" for="import-files">Files to import</label>
      <input class="visually-hidden" id="import-files" type="file" multiple accept=${endings.join(',')} ref=${input} onChange=${picked} tabindex="-1" />
      <${Button} kind="primary" onClick=${() => input.current?.click()}>Choose files<//>
    </div>`
}
