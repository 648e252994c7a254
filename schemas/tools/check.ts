import { findings } from '#schemas/tools/findings.ts'
import { driftedTypes } from '#schemas/tools/generate-types.ts'
import { loadSchemas } from '#schemas/versions.ts'

if (import.meta.main) {
  const schemas = loadSchemas()
  const problems = [
    ...[...schemas.values()].flatMap(findings),
    ...driftedTypes().map(
      (name) => `schemas/generated/${name} is not what the schemas say; run "npm run schemas:generate"`,
    ),
  ]
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
  else {
    const versions = [...schemas.values()].flat()
    const examples = versions.reduce((sum, version) => sum + version.examples.length, 0)
    console.log(
      `${schemas.size} topics, ${versions.length} versions, ${examples} examples: compatible, documented, generated`,
    )
  }
}
