import { runService } from '#libs/service/run.ts'
import { startProductChange } from './service.ts'

process.exitCode = await runService('product-change', startProductChange)
