export * from '#tests/support/process-usage.ts'
