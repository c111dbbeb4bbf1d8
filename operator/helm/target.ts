/** Where a release lives: its name, and the namespace that holds its record and every object of it. */
export interface ReleaseTarget {
  readonly release: string
  readonly namespace: string
}
