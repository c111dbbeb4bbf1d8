/**
 * What lies on a REST server of restic below one repository: listed and removed without any key of it. One that only takes
 * in refuses every removal.
 */
import { Agent, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import type { RepositorySpec } from '../agent/point-contract.ts'
import { type ResticPlace, repositoryAddress } from '../restic/repository.ts'
import type { StoredObject, StoredObjects } from './stored-objects.ts'

const FOLDERS = ['keys/', 'locks/', 'snapshots/', 'index/', 'data/'] as const
/** The one file that lies in no folder: its list is what can be asked for at all. */
const CONFIG = 'config'

/** Milliseconds in which a store must say something. */
const PATIENCE = 30_000

export function restObjects(
  repository: Extract<RepositorySpec, { kind: 'rest' }>,
  { store }: ResticPlace,
  ca: string | undefined,
): StoredObjects {
  const { username = '', password = '' } = store
  const headers = {
    accept: 'application/vnd.x.restic.rest.v2',
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
  }
  const secure = repository.url.startsWith('https:')
  const agent = secure
    ? new SecureAgent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) })
    : new Agent({ keepAlive: true })
  const ask = (method: 'GET' | 'HEAD' | 'DELETE', path: string, signal: AbortSignal) =>
    new Promise<{ readonly statusCode: number; readonly text: string }>((resolve, reject) => {
      const address = `${repository.url}/${repository.path}/${path}`
      const asked = (secure ? secureRequest : request)(
        address,
        { method, headers, agent, signal, timeout: PATIENCE },
        (answer) => {
          text(answer).then((said) => resolve({ statusCode: answer.statusCode ?? 0, text: said }), reject)
        },
      )
      asked.on('timeout', () => asked.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)))
      asked.on('error', (error) => reject(silent(error.message)))
      asked.end()
    })
  const silent = (said: string): Error =>
    new Error(`the store of repository ${repositoryAddress(repository)} does not answer: ${said}`)
  const refused = (what: string, statusCode: number): Error =>
    new Error(
      `the store of repository ${repositoryAddress(repository)} does not do what is asked: it answers ${what} with ${statusCode}`,
    )
  const namesIn = async (folder: string, signal: AbortSignal): Promise<readonly StoredObject[]> => {
    const { statusCode, text: names } = await ask('GET', folder, signal)
    if (statusCode === 404) return []
    if (statusCode !== 200) throw refused(`the list of ${folder}`, statusCode)
    const listed = (JSON.parse(names) ?? []) as readonly { readonly name: string }[]
    return listed.map(({ name }) => ({ key: `${folder}${name}`, version: undefined }))
  }
  return {
    list: async (folder, signal) => {
      if (folder !== '') return namesIn(folder, signal)
      const lists = await Promise.all(FOLDERS.map((each) => namesIn(each, signal)))
      const { statusCode } = await ask('HEAD', CONFIG, signal)
      return [...lists.flat(), ...(statusCode === 200 ? [{ key: CONFIG, version: undefined }] : [])]
    },
    remove: async ({ key }, signal) => {
      const { statusCode } = await ask('DELETE', key, signal)
      if ([401, 403, 405].includes(statusCode)) return 'refused'
      if (statusCode !== 200 && statusCode !== 404) throw refused(`the removal of ${key}`, statusCode)
      return 'gone'
    },
    // It keeps none itself; what its disk keeps nobody can say.
    versions: () => 'unknown',
    close: () => agent.destroy(),
  }
}
