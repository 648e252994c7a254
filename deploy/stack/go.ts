import { join } from 'node:path'
import { needTool } from './cache.ts'

/** 1.21 is the first Go that fetches the newer one which go.mod asks for by itself. */
export function needGo(advice: string): Promise<void> {
  return needTool('go', ['version'], advice, {
    pattern: /go1\.(\d+)/,
    least: 21,
    show: (version) => `1.${version}`,
  })
}

/** All of Go's own folders inside the scratch one, which can then be removed (its modules are read-only otherwise). */
export function goEnvironment(scratch: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    GOPATH: join(scratch, 'go'),
    GOCACHE: join(scratch, 'cache'),
    GOFLAGS: '-modcacherw',
  }
}
