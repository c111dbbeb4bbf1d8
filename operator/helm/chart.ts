/** A chart as read from its folder, in the form that Helm's release record stores, with its digest. */

/** One file of a chart in a release record. */
export interface ChartFile {
  readonly name: string
  /** Content in base64. */
  readonly data: string
}

/** The chart inside a release record, with Helm's own field names. */
export interface ChartRecord {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string }
  readonly lock: null
  readonly templates: readonly ChartFile[]
  readonly values: Readonly<Record<string, unknown>>
  /** values.schema.json in base64. */
  readonly schema: string | null
  readonly files: readonly ChartFile[]
}

export interface Chart {
  readonly folder: string
  readonly name: string
  readonly version: string
  /** Of what the record stores; equal for the same chart in another folder. */
  readonly digest: string
  readonly record: ChartRecord
}
