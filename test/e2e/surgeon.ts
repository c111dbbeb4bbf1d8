/**
 * Damage to points in the stories' store, as disks, operators and people do it: a byte that changes, a pack that is gone, a
 * snapshot with something else in it. restic runs in a pod of the operator's own image beside the store.
 */
import { operatorNamespace } from '../../demo/database.ts'
import { storePlace as place } from './store.ts'
import type { Story } from './story.ts'

const pod = 'surgeon'

export interface Surgeon {
  /** Runs restic on the tenant's repository and gives what it prints. */
  restic(...args: readonly string[]): Promise<string>
  /** The same with a command that makes one snapshot: its id. */
  made(...args: readonly string[]): Promise<string>
  /** Changes one byte in the largest pack; the answer changes it back. */
  flipByte(): Promise<() => Promise<unknown>>
  /** Takes the largest pack away; the answer brings it back. */
  hidePack(): Promise<() => Promise<unknown>>
}

/** `key`: the password of the tenant's repository. */
export async function openSurgeon(story: Story, repository: string, key: string): Promise<Surgeon> {
  const image = await story.run(
    'get',
    'deployment/tenantops',
    '-n',
    operatorNamespace,
    '-o',
    'jsonpath={.spec.template.spec.containers[0].image}',
  )
  const inStore = (name: string) => ({ secretKeyRef: { name: 's3', key: name } })
  const objects = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: pod, namespace: place }, stringData: { key } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod, namespace: place },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: pod,
            image,
            imagePullPolicy: 'IfNotPresent',
            command: ['sleep', 'infinity'],
            env: [
              { name: 'AWS_ACCESS_KEY_ID', valueFrom: inStore('ROOT_ACCESS_KEY') },
              { name: 'AWS_SECRET_ACCESS_KEY', valueFrom: inStore('ROOT_SECRET_KEY') },
              { name: 'RESTIC_PASSWORD', valueFrom: { secretKeyRef: { name: pod, key: 'key' } } },
              { name: 'RESTIC_REPOSITORY', value: repository },
            ],
          },
        ],
      },
    },
  ]
  await story.apply(objects.map((object) => JSON.stringify(object)).join('\n---\n'))
  await story.run('wait', `pod/${pod}`, '-n', place, '--for=condition=Ready', '--timeout=90s')

  const inside = (name: string, ...command: readonly string[]) =>
    story.run('exec', '-n', place, name, '--', ...command)
  const onDisk = (script: string) => inside('s3', 'sh', '-euc', script)
  const [, path = ''] = /^s3:https?:\/\/[^/]+\/(.+)$/.exec(repository) ?? []
  const largest = async () =>
    (
      await onDisk(`find /data/${path}/data -type f -printf '%s %p\\n' | sort -n | tail -1 | cut -d' ' -f2`)
    ).trim()
  // The byte 4096 with its lowest bit the other way round; done twice it is as before.
  const flip = (file: string) =>
    onDisk(
      `was=$(od -An -tu1 -j4096 -N1 '${file}'); printf "\\\\$(printf %o $((was ^ 1)))" | dd of='${file}' bs=1 seek=4096 conv=notrunc status=none`,
    )
  const restic = (...args: readonly string[]) => inside(pod, 'restic', '--no-cache', '--quiet', ...args)
  const ids = async () =>
    (JSON.parse(await restic('snapshots', '--json')) as readonly { id: string }[]).map(({ id }) => id)
  return {
    restic,
    made: async (...args) => {
      const before = await ids()
      await restic(...args)
      const [made] = (await ids()).filter((id) => !before.includes(id))
      if (made === undefined) throw new Error(`restic ${args.join(' ')} made no snapshot`)
      return made
    },
    flipByte: async () => {
      const file = await largest()
      await flip(file)
      return () => flip(file)
    },
    hidePack: async () => {
      const file = await largest()
      await onDisk(`mv '${file}' /data/hidden-pack`)
      return () => onDisk(`mv /data/hidden-pack '${file}'`)
    },
  }
}
