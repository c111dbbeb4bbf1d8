/**
 * A stranger's dump.sql on its way to psql: what only its old server can take is left out, by the headings that pg_dump
 * writes above each object, and never inside of data. Nothing here keeps a hostile dump from doing harm: psql is
 * restricted and works as the tenant's owner. Lines keep their numbers, so that an error names the one in the file.
 */
import { Transform } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

export interface ForeignSql {
  readonly stream: Transform
  /** What was left out so far: kind → number of objects. */
  readonly left: ReadonlyMap<string, number>
  /** pg_dump came to its end. */
  readonly complete: () => boolean
}

/** Objects that only a superuser may make or describe, or that are of roles which are not here. */
const foreign: ReadonlySet<string> = new Set([
  'ACL',
  'DEFAULT ACL',
  'DATABASE',
  'DATABASE PROPERTIES',
  'EVENT TRIGGER',
  'PUBLICATION',
  'PUBLICATION TABLE',
  'PUBLICATION TABLES IN SCHEMA',
  'SECURITY LABEL',
  'SUBSCRIPTION',
  'SUBSCRIPTION TABLE',
])

const heading = /^-- (?:Data for )?Name: (.*); Type: ([A-Z ]+); Schema: .*; Owner: ([^;]*)/
const end = '-- PostgreSQL database dump complete'

/** Longer lines are data, and are passed on without being looked at. */
const LONGEST = 16 * 1024
const NEWLINE = 0x0a

/** `server`: major version of the one that is filled. */
export function foreignSql(server: number): ForeignSql {
  const left = new Map<string, number>()
  let where: 'head' | 'kept' | 'left' | 'data' = 'head'
  let owner = '-'
  let key: string | undefined
  let complete = false

  const count = (what: string) => left.set(what, (left.get(what) ?? 0) + 1)
  /** Whether the line stays. */
  const keeps = (line: string): boolean => {
    if (where === 'data') {
      if (line === '\\.') where = 'kept'
      return true
    }
    const [, name = '', type = '', of = '-'] = heading.exec(line) ?? []
    if (type !== '') {
      where = isForeign(type, name) ? 'left' : 'kept'
      owner = of.trim()
      if (where === 'left') count(type === 'COMMENT' ? `COMMENT ON ${name.split(' ')[0]}` : type)
      return true
    }
    if (line === end) {
      complete = true
      where = 'kept'
    }
    if (line.startsWith('--') || line === '') return true
    if (line === `\\unrestrict ${key}`) return false
    switch (where) {
      case 'left':
        return false
      case 'head': {
        const restricted = /^\\restrict ([A-Za-z0-9]+)$/.exec(line)?.[1]
        if (key === undefined && restricted !== undefined) {
          key = restricted
          return false
        }
        return !(server < 17 && line === 'SET transaction_timeout = 0;')
      }
      case 'kept':
        if (/^COPY .* FROM stdin;$/.test(line)) where = 'data'
        if (owner === '-' || !line.startsWith('ALTER ')) return true
        if (!line.endsWith(` OWNER TO ${owner};`) && !line.endsWith(` OWNER TO "${owner}";`)) return true
        count('OWNER')
        return false
    }
  }

  /** The line so far; undefined while one that is too long is passed on. */
  let line: Buffer[] | undefined = []
  let size = 0
  const stream = new Transform({
    transform(chunk: Buffer, _, give) {
      const out: Buffer[] = []
      let from = 0
      while (from < chunk.length) {
        const at = chunk.indexOf(NEWLINE, from)
        const piece = chunk.subarray(from, at === -1 ? chunk.length : at + 1)
        from += piece.length
        if (line === undefined) out.push(piece)
        else {
          line.push(piece)
          size += piece.length
        }
        if (at !== -1) {
          if (line !== undefined) out.push(judged(line))
          line = []
          size = 0
        } else if (line !== undefined && size > LONGEST) {
          out.push(...(where === 'left' ? [] : line))
          line = undefined
        }
      }
      give(null, Buffer.concat(out))
    },
    flush(give) {
      give(null, line === undefined || size === 0 ? undefined : judged(line))
    },
  })
  const judged = (pieces: readonly Buffer[]): Buffer => {
    const whole = Buffer.concat(pieces)
    const text = new StringDecoder('utf8').end(whole).replace(/\r?\n$/, '')
    return keeps(text) ? whole : Buffer.from('\n')
  }
  return { stream, left, complete: () => complete }
}

function isForeign(type: string, name: string): boolean {
  if (type === 'COMMENT') return name.startsWith('EXTENSION ') || name === 'SCHEMA public'
  return foreign.has(type) || (type === 'SCHEMA' && name === 'public')
}
