import { describe, expect, it } from 'vitest'
import { apiError, type Cause, UnavailableError } from '../kube/errors.ts'
import { refusalOf } from './refusal.ts'

const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'filestore', namespace: 'n' },
}
const asked = { verb: 'apply', resource: 'persistentvolumeclaims', namespace: 'n', name: 'filestore' }
const answer = (status: number, message: string, causes: readonly Cause[] = []) =>
  apiError({ status, reason: '', message, details: { causes }, asked })

describe('refusalOf', () => {
  it.each<[string, unknown, string, string, string]>([
    [
      'quota',
      answer(
        403,
        'persistentvolumeclaims "filestore" is forbidden: exceeded quota: plan, requested: requests.storage=20Gi, used: requests.storage=0, limited: requests.storage=10Gi',
      ),
      'QuotaExceeded',
      'later',
      "PersistentVolumeClaim filestore in namespace n does not fit into the namespace's quota (plan, requested: requests.storage=20Gi, used: requests.storage=0, limited: requests.storage=10Gi); choose a larger plan or ask for less",
    ],
    [
      'immutable',
      answer(422, 'PersistentVolumeClaim "filestore" is invalid: …', [
        {
          field: 'spec',
          message:
            'Forbidden: spec is immutable after creation except resources.requests for bound claims\n  core.PersistentVolumeClaimSpec{…}',
        },
      ]),
      'FieldImmutable',
      'input',
      'PersistentVolumeClaim filestore in namespace n cannot be changed this way (spec): spec: Forbidden: spec is immutable after creation except resources.requests for bound claims; choose a plan whose spec.filestore.size is no smaller than before, since a volume can only grow',
    ],
    [
      'invalid',
      answer(422, 'x', [{ field: 'spec.resources', message: 'Invalid value: "-1"' }]),
      'ObjectInvalid',
      'input',
      'PersistentVolumeClaim filestore in namespace n is not valid: spec.resources: Invalid value: "-1"; correct the value it comes from',
    ],
    [
      'not allowed',
      answer(403, 'persistentvolumeclaims "filestore" is forbidden: class slow is reserved'),
      'Forbidden',
      'later',
      "PersistentVolumeClaim filestore in namespace n was not allowed: class slow is reserved; the cluster's administrator has to allow it, or the plan or class has to ask for something else",
    ],
    [
      'namespace on its way out',
      answer(403, 'forbidden: unable to create new content', [{ reason: 'NamespaceTerminating' }]),
      'NamespaceMissing',
      'soon',
      'PersistentVolumeClaim filestore in namespace n has no place: the namespace is being deleted; it is made again when that is done',
    ],
    [
      'namespace gone',
      answer(404, 'namespaces "n" not found'),
      'NamespaceMissing',
      'soon',
      'PersistentVolumeClaim filestore in namespace n has no place: the namespace is gone; it is made again on the next try',
    ],
    [
      'a volume that its class does not let grow',
      answer(
        403,
        'persistentvolumeclaims "filestore" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      ),
      'Forbidden',
      'later',
      'PersistentVolumeClaim filestore in namespace n cannot grow: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize; let its StorageClass say allowVolumeExpansion: true, or choose a plan with the former spec.filestore.size',
    ],
    [
      'too busy',
      answer(429, 'slow down'),
      'Unavailable',
      'later',
      'PersistentVolumeClaim filestore in namespace n is not written yet: cannot apply persistentvolumeclaims filestore in namespace n: slow down',
    ],
    [
      'server error',
      answer(500, 'etcd'),
      'Unavailable',
      'later',
      'PersistentVolumeClaim filestore in namespace n could not be written: cannot apply persistentvolumeclaims filestore in namespace n: etcd',
    ],
    [
      'no answer',
      new UnavailableError(asked, 'reset'),
      'Unavailable',
      'later',
      'PersistentVolumeClaim filestore in namespace n is not written yet: no answer from the API server to apply persistentvolumeclaims filestore in namespace n: reset',
    ],
  ])('%s', (_what, problem, reason, remedy, sentence) => {
    expect(refusalOf(claim, problem)).toMatchObject({ reason, remedy, message: sentence })
  })

  it('does not hide a bug', () => {
    expect(() => refusalOf(claim, new TypeError('x'))).toThrow(TypeError)
  })
})
