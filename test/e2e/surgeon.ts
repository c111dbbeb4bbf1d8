/** Damage to points in the stories' store, as disks and people do it: the largest pack of a repository is gone. */
import { storePlace as place } from './store.ts'
import type { Story } from './story.ts'

/** Takes the largest pack of the repository away; the answer brings it back. */
export async function hidePack(story: Story, repository: string): Promise<() => Promise<unknown>> {
  const onDisk = (script: string) => story.run('exec', '-n', place, 's3', '--', 'sh', '-euc', script)
  const [, path = ''] = /^s3:https?:\/\/[^/]+\/(.+)$/.exec(repository) ?? []
  const largest = `find /data/${path}/data -type f -printf '%s %p\\n' | sort -n | tail -1 | cut -d' ' -f2`
  const file = (await onDisk(largest)).trim()
  await onDisk(`mv '${file}' /data/hidden-pack`)
  return () => onDisk(`mv /data/hidden-pack '${file}'`)
}
