/** On which nodes the tenants of a TenantClass run, in the words of a pod. */
import { z } from 'zod'
import { cel, quote } from '../cel.ts'
import { QUALIFIED } from '../names.ts'

export const schedulingSchema = z.object({
  nodeSelector: cel(z.record(z.string(), z.string().max(63)).meta({ maxProperties: 20 }), {
    rule: `self.all(key, size(key) <= 316 && key.matches(${quote(QUALIFIED)}) && self[key].matches('^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$'))`,
    message:
      'spec.scheduling.nodeSelector must hold node labels: write them like topology.kubernetes.io/zone: eu-west-1a.',
  })
    .describe('Labels of the nodes on which tenants run.')
    .optional(),
  tolerations: z
    .array(
      cel(
        z.object({
          key: z.string().max(316).describe('Key of the taint; absent for every key.').optional(),
          operator: z
            .enum(['Exists', 'Equal'])
            .describe('How the value is compared. Default: Equal.')
            .optional(),
          value: z.string().max(63).describe('Value of the taint.').optional(),
          effect: z
            .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
            .describe('Effect of the taint; absent for every effect.')
            .optional(),
          tolerationSeconds: z.int().describe('Seconds that a NoExecute taint is borne.').optional(),
        }),
        {
          rule: "!has(self.value) || self.value == '' || !has(self.operator) || self.operator == 'Equal'",
          message:
            'spec.scheduling.tolerations[].value must be absent when operator is Exists: remove it, or set operator to Equal.',
        },
        {
          rule: "(has(self.key) && self.key != '') || (has(self.operator) && self.operator == 'Exists')",
          message:
            'spec.scheduling.tolerations[].key is needed unless operator is Exists: name the key of the taint.',
        },
        {
          rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
          message:
            'spec.scheduling.tolerations[].tolerationSeconds needs effect NoExecute: set that effect, or remove tolerationSeconds.',
        },
      ),
    )
    .max(20)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Taints that tenants accept, as in a pod.')
    .optional(),
})
