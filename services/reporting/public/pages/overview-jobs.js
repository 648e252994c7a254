import { Card, Empty, html, Link, Table } from '../kit.js'
import { jobColumns } from './job-parts.js'

/** The newest syncs. @param {{ jobs: any[] }} props */
export function RecentJobs({ jobs }) {
  return html`<${Card} title="Latest syncs" flush actions=${html`<${Link} href="/ui/jobs" class="small">All syncs<//>`}>
    <${Table} caption="Latest syncs" columns=${jobColumns} rows=${jobs} rowKey=${(job) => job.syncId}
      empty=${html`<${Empty} title="No sync yet" icon="jobs">What is new is looked up without one; a sync asks Amazon again.<//>`} />
  <//>`
}
