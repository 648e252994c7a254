import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/support/longest-first.ts'

/** Unit tests need nothing but Node; integration tests get real Kafka, Redis and PostgreSQL from tests/support. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', '.asinstream/**'],
          testTimeout: 20_000,
          // By default one core is left free, which of two leaves one.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/*.itest.ts'],
          exclude: ['**/node_modules/**', '.asinstream/**'],
          globalSetup: ['tests/support/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Two cores also run the broker and the database: more files at once only makes each slower.
          maxWorkers: 2,
          // After the unit tests: projects with different limits can not share a group.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
