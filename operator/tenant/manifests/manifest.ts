/** A Kubernetes object as the operator writes it: identity plus whatever the kind holds. */
import type { KubeObject } from '../../kube/object.ts'

export type Manifest = KubeObject & Readonly<Record<string, unknown>>
