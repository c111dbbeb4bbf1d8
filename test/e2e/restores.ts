/** What the stories of restores share: points made and restored, files in Odoo, and how long users met the front desk. */
import { expect } from 'vitest'
import type { TenantBackup } from '../../operator/api/v1alpha1/tenant-backup.ts'
import type { TenantRestore } from '../../operator/api/v1alpha1/tenant-restore.ts'
import type { Answers } from './answers.ts'
import { condition, eventually, type Story } from './story.ts'
import type { Visitor } from './visitor.ts'

interface Named {
  readonly namespace: string
  readonly name: string
}

const hasEnded = (object: TenantBackup | TenantRestore): boolean =>
  ['True', 'False'].includes(condition(object, 'Succeeded')?.status ?? '')

/** Until the point is made. Throws with what is said when it is not. */
export async function pointMade(story: Story, { namespace, name }: Named): Promise<TenantBackup> {
  const made = await eventually(`TenantBackup ${name} to end`, 240, async () => {
    const seen = await story.get<TenantBackup>('tenantbackup', name, '-n', namespace)
    return seen && hasEnded(seen) && seen
  })
  expect(condition(made, 'Succeeded'), JSON.stringify(made.status)).toMatchObject({ status: 'True' })
  return made
}

/** Until the restore has ended, well or not. */
export async function restoreEnded(story: Story, { namespace, name }: Named): Promise<TenantRestore> {
  let last: TenantRestore | undefined
  return eventually(`TenantRestore ${name} to end`, 300, async () => {
    last = await story.get<TenantRestore>('tenantrestore', name, '-n', namespace)
    return last && hasEnded(last) && last
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${JSON.stringify(last?.status, null, 2)}`)
  })
}

export async function restored(story: Story, ref: Named): Promise<TenantRestore> {
  const ended = await restoreEnded(story, ref)
  expect(condition(ended, 'Succeeded'), JSON.stringify(ended.status)).toMatchObject({ status: 'True' })
  console.log(
    `${ref.name}: ${JSON.stringify(ended.status?.seconds)} of ${ended.status?.bytes} bytes; ${condition(ended, 'Succeeded')?.message}`,
  )
  return ended
}

/** A file as a person attaches it: Odoo puts it into the filestore. */
export function attach(visitor: Visitor, name: string, content: string): Promise<number> {
  const datas = Buffer.from(content).toString('base64')
  return visitor.call<number>('ir.attachment', 'create', [
    { name, datas, mimetype: 'application/octet-stream' },
  ])
}

export async function attached(visitor: Visitor, id: number): Promise<string> {
  const [found] = await visitor.call<{ datas: string | false }[]>('ir.attachment', 'read', [[id], ['datas']])
  return Buffer.from(found?.datas || '', 'base64').toString()
}

/** What visitors got between the last login page before and the first one after, in seconds. */
export async function outage(answers: Answers, what: string): Promise<number> {
  await answers.stop()
  const { all } = answers
  const first = all.findIndex(({ status }) => status !== 200)
  const last = all.findLastIndex(({ status }) => status !== 200)
  const seconds = ((all[last + 1]?.at ?? 0) - (all[first - 1]?.at ?? 0)) / 1000
  const lost = all.filter(({ status }) => status !== 200 && status !== 503)
  console.log(
    `${what}: users saw the maintenance page for ${seconds.toFixed(1)} s; ${all.length} visitors, ${lost.length} of them met nobody`,
  )
  expect(first, 'pods went away').toBeGreaterThan(-1)
  expect(lost.map(({ status, body }) => `${status} ${body.slice(0, 80)}`)).toEqual([])
  return seconds
}
