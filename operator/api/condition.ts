/**
 * Conditions in the manner of kstatus (https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus):
 * `Ready` is always there and says True, False or Unknown; `Reconciling`, `Stalled` and `Paused` are there only while True, so
 * that `kubectl wait`, Argo CD and Flux read them without knowing this operator. The rest are of the domain.
 */
import { z } from 'zod'

export const conditionTypes = [
  'Ready',
  'Reconciling',
  'Stalled',
  'Paused',
  'DatabaseReady',
  'Deployed',
  'OrphansFound',
  'Isolated',
  'Succeeded',
  'Verified',
  'Expired',
  'BackupHealthy',
  'RestoreVerified',
] as const
/** What a condition is about. Later kinds and features add to the list. */
export type ConditionType = (typeof conditionTypes)[number]
type ConditionStatus = 'True' | 'False' | 'Unknown'

const conditionSchema = z.object({
  type: z.string().max(316).describe('What the condition is about, such as Ready.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: z
    .int()
    .min(0)
    .describe('The generation of the object that the condition was judged from.')
    .optional(),
  lastTransitionTime: z.string().max(64).meta({ format: 'date-time' }).describe('When status last changed.'),
  reason: z.string().max(1024).describe('One word in CamelCase for programs.'),
  message: z.string().max(32768).describe('One sentence a person can act on.'),
})

/** One observation about an object, the shape of metav1.Condition. */
export type Condition = z.infer<typeof conditionSchema>

/** The `conditions` list of a status: one entry per type, merged by type under server-side apply. */
export const conditionsSchema = z
  .array(conditionSchema)
  .max(32)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .describe(
    'What holds of the object now: Ready always; Reconciling, Stalled and Paused only while true; then the domain ones.',
  )

/** What the caller knows; time and generation are added by `setCondition`. */
export type ConditionChange = {
  readonly type: ConditionType
  readonly status: ConditionStatus
  readonly reason: string
  readonly message: string
}

/** Present only while True, as kstatus asks: their absence is their False. */
const abnormalTrue: ReadonlySet<string> = new Set(['Reconciling', 'Stalled', 'OrphansFound'])

/**
 * The conditions after `change`. Pure: the given list is not touched, and the order of the others is kept.
 * `lastTransitionTime` moves only when `status` changes, so a status that says the same writes the same.
 * `now` is cut to whole seconds, the precision of metav1.Time.
 */
export function setCondition(
  conditions: readonly Condition[],
  change: ConditionChange,
  observedGeneration: number,
  now: Date | number,
): Condition[] {
  if (abnormalTrue.has(change.type) && change.status !== 'True') {
    return conditions.filter((condition) => condition.type !== change.type)
  }
  const before = conditions.find((condition) => condition.type === change.type)
  const next: Condition = {
    type: change.type,
    status: change.status,
    observedGeneration,
    lastTransitionTime: before?.status === change.status ? before.lastTransitionTime : wholeSeconds(now),
    reason: change.reason,
    message: change.message,
  }
  return before === undefined ? [...conditions, next] : conditions.map((old) => (old === before ? next : old))
}

/** The condition of a type, or undefined. */
export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: ConditionType,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

function wholeSeconds(now: Date | number): string {
  return new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
