/** The Kubernetes objects that say who may talk to whom, as far as the enforcer reads them. */

export interface LabelSelector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

export type Labels = Readonly<Record<string, string>>

interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly labels?: Labels
}

export interface NetworkPolicy {
  readonly metadata: Metadata
  readonly spec: {
    readonly podSelector?: LabelSelector
    readonly policyTypes?: readonly string[]
    readonly ingress?: readonly {
      readonly from?: readonly PolicyPeer[]
      readonly ports?: readonly PolicyPort[]
    }[]
    readonly egress?: readonly {
      readonly to?: readonly PolicyPeer[]
      readonly ports?: readonly PolicyPort[]
    }[]
  }
}

export interface PolicyPeer {
  readonly podSelector?: LabelSelector
  readonly namespaceSelector?: LabelSelector
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] }
}

export interface PolicyPort {
  readonly protocol?: string
  /** A number, or the name of a container's port. */
  readonly port?: number | string
  readonly endPort?: number
}

export interface Pod {
  readonly metadata: Metadata
  readonly spec?: {
    readonly containers?: readonly {
      readonly ports?: readonly {
        readonly name?: string
        readonly containerPort: number
        readonly protocol?: string
      }[]
    }[]
  }
}

export interface Namespace {
  readonly metadata: Metadata
}
