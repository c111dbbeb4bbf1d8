/** The CNI plugin when nobody enforces anything: outside a cell there is no enforcer to answer it. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tryCommand } from '../../command.ts'

const plugin = (command: string) =>
  tryCommand('sh', [join(import.meta.dirname, 'plugin.sh')], {
    env: { CNI_COMMAND: command, CNI_CONTAINERID: 'c0ffee', CNI_ARGS: 'K8S_POD_UID=12' },
    input: '{"cniVersion":"0.4.0","prevResult":{"ips":[{"address":"10.100.0.7/32"}]}}',
  })

it('starts no pod', async () => {
  const { code, stdout } = await plugin('ADD')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    code: 11,
    msg: 'the enforcer of network policies does not answer',
  })
})

it('holds up no pod that goes', async () => {
  expect(await plugin('DEL')).toMatchObject({ code: 0, stdout: '' })
})
