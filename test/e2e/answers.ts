/** Asks one page again and again, as visitors do who do not wait, and keeps what each of them got. */
import { setTimeout as pause } from 'node:timers/promises'
import { openVisitor, type Page } from './visitor.ts'

interface TimedAnswer extends Pick<Page, 'status' | 'body' | 'headers'> {
  /** When it came, in milliseconds of this process. */
  readonly at: number
}

export interface Answers {
  /** Status and body of every answer so far, oldest first; 0 when there was none. */
  readonly all: readonly TimedAnswer[]
  stop(): Promise<void>
}

/** Milliseconds between an answer and the next visitor: more would be a load of its own. */
const between = 40

/** One visitor after the other, each on a connection of its own, until stopped. */
export function collectAnswers(port: number, host: string, path: string): Answers {
  const all: TimedAnswer[] = []
  let going = true
  const asking = (async () => {
    while (going) {
      const nobody = (error: unknown) => ({ status: 0, body: String(error), headers: {} })
      const answer = await openVisitor(port, host).get(path).catch(nobody)
      all.push({ ...answer, at: performance.now() })
      await pause(between)
    }
  })()
  return {
    all,
    stop: async () => {
      going = false
      await asking
    },
  }
}
