import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The longest files, as CI measured them, the longest first. */
const LONGEST = [
  'tests/faults/faults.itest.ts',
  'libs/event-log/kafka-faults.itest.ts',
  'tests/crash/crash.itest.ts',
  'tests/poison/poison.itest.ts',
  'tests/faults/amazon.itest.ts',
  'cli/dev/dev.itest.ts',
  'libs/service/run.itest.ts',
  'deploy/stack/stack.itest.ts',
  'tests/jobs/exact-after-kills.itest.ts',
]

/**
 * Begins with the longest files, so that none of them runs alone at the end while the other workers have nothing to do. On
 * a checkout that has never run a test, vitest goes by the size of files, which says little of ours.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const byProject = Map.groupBy(await super.sort(files), ({ project }) => project.name)
    return [...byProject.values()].flatMap((specifications) => {
      const long = LONGEST.flatMap((file) =>
        specifications.filter(({ moduleId }) => moduleId.endsWith(`/${file}`)),
      )
      return [...long, ...specifications.filter((specification) => !long.includes(specification))]
    })
  }
}
