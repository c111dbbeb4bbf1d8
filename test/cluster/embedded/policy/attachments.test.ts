import { expect, it } from 'vitest'
import { parseRequest } from './attachments.ts'

const previous = { cniVersion: '0.4.0', ips: [{ version: '4', address: '10.100.0.7/32' }] }

it('reads which pod got which address', () => {
  const args =
    'K8S_POD_INFRA_CONTAINER_ID=c0ffee;K8S_POD_UID=12-34;IgnoreUnknown=1;K8S_POD_NAMESPACE=blue;K8S_POD_NAME=web'
  expect(parseRequest(`ADD c0ffee ${args}\n${JSON.stringify({ prevResult: previous })}`)).toEqual({
    command: 'ADD',
    sandbox: 'c0ffee',
    namespace: 'blue',
    uid: '12-34',
    previous,
  })
})

it('reads the end of one that never got an address', () => {
  expect(parseRequest('DEL c0ffee \n{}')).toMatchObject({
    command: 'DEL',
    sandbox: 'c0ffee',
    previous: undefined,
  })
})
