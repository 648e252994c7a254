import { runService } from '#libs/service/run.ts'
import { startPersister } from './service.ts'

process.exitCode = await runService('persister', startPersister)
