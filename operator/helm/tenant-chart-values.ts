/**
 * The values of `charts/odoo-tenant`: the whole contract between a tenant and its workload. The chart's
 * values.schema.json says the same and a test compares both. Never a secret: the chart names Secrets only.
 */

/** Kubernetes quantities as text, `500m`, `1Gi`. */
interface ChartResources {
  readonly requests?: Readonly<Record<string, string>> | undefined
  readonly limits?: Readonly<Record<string, string>> | undefined
}

/** Kubernetes' Toleration. */
interface ChartToleration {
  readonly key?: string | undefined
  readonly operator?: 'Exists' | 'Equal' | undefined
  readonly value?: string | undefined
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' | undefined
  readonly tolerationSeconds?: number | undefined
}

export interface TenantChartValues {
  readonly tenant: { readonly name: string; readonly namespace: string; readonly uid: string }
  /** Full image reference. */
  readonly image: string
  readonly imagePullSecrets?: readonly string[] | undefined
  /** Odoo series, `14.0` … `19.0`: decides probes and the path of the live connection. */
  readonly series: string
  /** Secret with the keys `odoo.conf` and `launch.py`, and the digest of its content: a new digest rolls the pods. */
  readonly config: { readonly secretName: string; readonly digest: string }
  /** Host names; none means no Ingress. */
  readonly hosts: readonly string[]
  /** Hosts that lead to Service `odoo-front`, where the operator has the front desk answer. */
  readonly redirectHosts?: readonly string[] | undefined
  readonly ingress: {
    readonly className?: string | undefined
    readonly annotations: Readonly<Record<string, string>>
    /** Absent: plain HTTP. With an issuer, cert-manager fills the Secret. */
    readonly tls?:
      | {
          readonly secretName: string
          readonly issuer?:
            | { readonly name: string; readonly kind?: 'Issuer' | 'ClusterIssuer' | undefined }
            | undefined
        }
      | undefined
    /** Namespace of the ingress controller; absent: any address may reach the web ports. */
    readonly controllerNamespace?: string | undefined
  }
  /** `workers` as in odoo.conf: with 0, nothing listens for live connections on a port of its own. */
  readonly web: { readonly replicas: number; readonly workers: number; readonly resources: ChartResources }
  readonly cron: { readonly resources: ChartResources }
  readonly filestore: {
    readonly size: string
    readonly storageClassName?: string | undefined
    readonly accessMode: 'ReadWriteOnce' | 'ReadWriteMany'
  }
  /** True: no pods. Volumes, Service, Ingress and policies stay. */
  readonly suspended: boolean
  /** Namespace whose probes reach the web ports. */
  readonly operatorNamespace: string
  /** Where the database server is, for the egress rule. Without cidr and namespace: the port at any address. */
  readonly postgres: {
    readonly port: number
    readonly cidr?: string | undefined
    readonly namespace?: string | undefined
  }
  /** What pods may reach outside the cluster. Absent: mail and HTTP(S) at any public address, private ranges never. */
  readonly egress?: { readonly internet: boolean; readonly ports?: readonly number[] | undefined } | undefined
  readonly scheduling: {
    readonly nodeSelector: Readonly<Record<string, string>>
    readonly tolerations: readonly ChartToleration[]
  }
}
