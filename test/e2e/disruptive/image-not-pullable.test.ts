/** A channel names an image that does not exist: said with the image's name, for new tenants and for running ones. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { openKubectl } from '../../../demo/kubectl.ts'
import { odooImage } from '../../../demo/odoo-image.ts'
import { begin, condition, end, eventually, type Story } from '../story.ts'
import { openVisitor } from '../visitor.ts'

const namespace = 'typo'
const tenant = { namespace, name: 'baker' }
const image = `${odooImage}-typo`
/** Which of the two it is depends on when one looks. */
const pulling = `image ${image} cannot be pulled \\((ErrImagePull|ImagePullBackOff)\\)`
const remedy = 'correct the image in the release channel, or let the node reach its registry'

let story: Story

beforeAll(async () => {
  // A channel that a failed run left behind would keep every blueprint from being ready.
  const kubectl = await openKubectl(inject('e2eKubeconfig'))
  await kubectl.run('delete', 'releasechannel', 'mistyped', '--ignore-not-found')
  story = await begin(namespace)
})
afterAll(async () => {
  await story?.example('image-not-pullable', '30-corrected.yaml')
  await end(story, namespace)
  await story?.run('delete', 'releasechannel', 'mistyped', '--ignore-not-found')
})

it('a new tenant and its blueprint name the image, and heal when it is corrected', async () => {
  await story.example('image-not-pullable', '10-channel.yaml', '20-tenant.yaml')
  const said = new RegExp(`^${pulling}; ${remedy}$`)
  await eventually('the blueprint to name the image', 120, async () =>
    said.test(condition(await story.blueprint('office'), 'Ready')?.message ?? ''),
  )
  const waits = new RegExp(
    `^the template database of Blueprint office for version 14\\.0 is being built: ${pulling}; ${remedy}; \`kubectl get blueprint office\` shows its state$`,
  )
  const seen = await eventually('the tenant to name the image', 60, async () => {
    const now = await story.tenant(tenant)
    return waits.test(condition(now, 'Ready')?.message ?? '') && now
  })
  expect(condition(seen, 'Ready')).toMatchObject({ status: 'False', reason: 'TemplateBuilding' })

  await story.example('image-not-pullable', '30-corrected.yaml')
  await story.ready(tenant)
  await story.run('wait', 'blueprint/office', '--for=condition=Ready', '--timeout=60s')
})

it('a running tenant goes on serving what it has, says why the new version does not come, and heals', async () => {
  const before = await story.tenant(tenant)
  await story.example('image-not-pullable', '10-channel.yaml')
  const said = new RegExp(`^Deployment odoo-(web|cron) has 0 of 1 pods available: ${pulling}; ${remedy}$`)
  const seen = await eventually('the tenant to name the image', 120, async () => {
    const now = await story.tenant(tenant)
    return said.test(condition(now, 'Ready')?.message ?? '') && now
  })
  expect(condition(seen, 'Ready')).toMatchObject({ status: 'False', reason: 'PodsFailing' })
  expect(condition(seen, 'Deployed')).toMatchObject({ status: 'False', reason: 'PodsFailing' })
  expect(seen.status?.image).toBe(before.status?.image)
  expect((await openVisitor(story.port, 'baker.localhost').get('/web/login')).status).toBe(200)

  await story.example('image-not-pullable', '30-corrected.yaml')
  const after = await eventually('the tenant to be Ready with the corrected image', 180, async () => {
    const now = await story.tenant(tenant)
    return condition(now, 'Ready')?.status === 'True' && now
  })
  expect(after.status?.image).toBe(odooImage)
})
