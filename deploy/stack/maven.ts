import { join } from 'node:path'
import { needTool, runTool, stackFile } from './cache.ts'

const JAVA_ADVICE =
  'Install a Java runtime 17 or newer (Debian: apt-get install openjdk-17-jre-headless). ' +
  'Without it, Kafka can not be started here: the embedded mode (npm start) and --only postgres,redis work.'

const MAVEN_ADVICE =
  'Install Maven (Debian: apt-get install maven), which fetches Kafka and Redis from Maven Central once. ' +
  'Without it, the embedded mode (npm start) and --only postgres work.'

export function needJava(): Promise<void> {
  return needTool('java', ['-version'], JAVA_ADVICE, { pattern: /version "(\d+)/, least: 17, show: String })
}

/** Copies the jars of one profile of pom.xml into `folder`; the local repository is `scratch`, not the user's. */
export async function copyJars(profile: 'kafka' | 'redis', folder: string, scratch: string): Promise<void> {
  await needTool('mvn', ['--version'], MAVEN_ADVICE)
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`]
  const options = ['--batch-mode', '--quiet', '--file', stackFile('pom.xml'), '--activate-profiles', profile]
  await runTool('mvn', [...options, `-Dmaven.repo.local=${join(scratch, 'm2')}`, ...goal], {
    purpose: `fetch ${profile} from Maven Central (is the network there?)`,
  })
}
