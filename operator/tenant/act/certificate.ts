/**
 * Copies the certificate that a class names from the operator's namespace into the tenant's. The copy notes the
 * version it was made from, so that a renewed certificate reaches every tenant.
 */
import { kinds } from '../../kube/kinds.ts'
import type { SecretObject } from '../../kube/object.ts'
import type { Task } from '../act.ts'
import { StepFailure } from '../failure.ts'
import { annotationKeys, tenantLabels } from '../manifests/labels.ts'
import { runtimeNames } from '../names.ts'
import type { Step } from '../step.ts'

const keys = ['tls.crt', 'tls.key'] as const

export async function copyCertificate(
  task: Task,
  step: Extract<Step, { kind: 'copy-certificate' }>,
): Promise<void> {
  const { client } = task.hands
  const { operatorNamespace } = task.observation
  const { name, namespace = '', uid } = task.tenant.metadata
  const source = await client.get<SecretObject>(kinds.Secret, {
    namespace: operatorNamespace,
    name: step.secret,
  })
  const missing = keys.find((key) => source?.data?.[key] === undefined)
  if (missing !== undefined) {
    throw new StepFailure(
      'CertificateIncomplete',
      'later',
      `Secret ${operatorNamespace}/${step.secret} has no key ${missing}; a certificate needs ${keys.join(' and ')}`,
    )
  }
  await client.apply(kinds.Secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: {
      name: runtimeNames.certificate,
      namespace: step.namespace,
      labels: tenantLabels({ namespace, name, uid }),
      annotations: { [annotationKeys.digest]: step.version },
    },
    data: Object.fromEntries(keys.map((key) => [key, source?.data?.[key]])),
  })
}
