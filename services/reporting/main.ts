import { runService } from '#libs/service/run.ts'
import { startReporting } from './service.ts'

process.exitCode = await runService('reporting', startReporting)
