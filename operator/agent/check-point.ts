/** Compares a restored database with the manifest of its point: level 1. Pure. */
import type { DatabaseContent } from './manifest.ts'
import type { PointManifest } from './point-manifest.ts'
import { counted, namedSome, Verdict } from './verdict.ts'

/** Evidence in words; throws a verdict for the first thing that differs. */
export function compareContent(manifest: PointManifest, found: DatabaseContent): readonly string[] {
  const { rows, sequences, modules, extensions, newestWrite, recoveryPointTime } = manifest
  const tables = differing(rows, found.rows, (stored, restored) => stored === restored)
  if (tables.length > 0)
    throw new Verdict(
      'RowsDiffer',
      `${counted(tables.length, 'table')} of the restored database ${tables.length === 1 ? 'has' : 'have'} other rows than the point: ${namedSome(
        tables.map((name) => `${name} ${found.rows[name] ?? 'not there'} instead of ${rows[name] ?? 'none'}`),
      )}; choose another point`,
    )
  // Sequences stand outside transactions: pg_dump may have read a later value, never an earlier one.
  const behind = differing(sequences, found.sequences, (stored, restored) => (restored ?? 0) >= (stored ?? 0))
  if (behind.length > 0)
    throw new Verdict(
      'RowsDiffer',
      `sequences of the restored database are behind those of the point: ${namedSome(behind)}; choose another point`,
    )
  const apart = differing(modules, found.modules, (stored, restored) => stored === restored)
  if (apart.length > 0)
    throw new Verdict(
      'ModulesDiffer',
      `modules of the restored database are not those of the point: ${namedSome(
        apart.map(
          (name) => `${name} ${found.modules[name] ?? 'not installed'} instead of ${modules[name] ?? 'none'}`,
        ),
      )}; choose another point`,
    )
  // Later operators may look into more tables, so what is found may be newer.
  if (newestWrite !== undefined && (found.newestWrite ?? '') < newestWrite)
    throw new Verdict(
      'RowsDiffer',
      `the newest write in the restored database is of ${found.newestWrite ?? 'no time'} and that of the point of ${newestWrite}; choose another point`,
    )
  return [
    `rows of ${counted(Object.keys(rows).length, 'table')}`,
    `values of ${counted(Object.keys(sequences).length, 'sequence')}`,
    `versions of ${counted(Object.keys(modules).length, 'module')}`,
    ...(newestWrite === undefined
      ? []
      : [`newest write at ${newestWrite}, ${agoInWords(newestWrite, recoveryPointTime)} before the point`]),
    `${counted(Object.keys(extensions).length, 'extension')}: ${Object.keys(extensions).join(', ')}`,
  ]
}

/** What the database must have before it is filled. */
export function refuseMissingExtensions(
  { extensions }: PointManifest,
  there: Readonly<Record<string, string>>,
  database: string,
): void {
  const lacking = Object.keys(extensions).filter((name) => !(name in there))
  if (lacking.length === 0) return
  throw new Verdict(
    'DatabaseRefused',
    `database ${database} lacks ${lacking.join(', ')}, which the point needs; install ${lacking.length === 1 ? 'the extension' : 'the extensions'} on the PostgreSQL server`,
  )
}

/** Keys of either whose values are not alike. */
function differing<Value>(
  stored: Readonly<Record<string, Value>>,
  restored: Readonly<Record<string, Value>>,
  alike: (stored: Value, restored: Value) => boolean,
): readonly string[] {
  const names = new Set([...Object.keys(stored), ...Object.keys(restored)])
  return [...names].filter((name) => {
    const [one, other] = [stored[name], restored[name]]
    return one === undefined || other === undefined || !alike(one, other)
  })
}

/** What a restore may lack of what people had written when the point was made. */
function agoInWords(write: string, point: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(point) - Date.parse(write)) / 1000))
  return seconds < 120 ? counted(seconds, 'second') : counted(Math.round(seconds / 60), 'minute')
}
