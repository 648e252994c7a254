/** A timestamp column as ISO 8601 in UTC with microseconds: exact enough to go on from in a cursor. */
export const isoTimestamp = (column: string): string =>
  `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
