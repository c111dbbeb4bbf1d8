/** The indexes of a store: for each index and value the objects, kept in step with every change. */
export class StoreIndex<T, Name extends string> {
  readonly #functions: [Name, (object: T) => readonly string[]][]
  readonly #values = new Map<Name, Map<string, Map<string, T>>>()

  constructor(indexes: Readonly<Record<Name, (object: T) => readonly string[]>> | undefined) {
    this.#functions = Object.entries(indexes ?? {}) as [Name, (object: T) => readonly string[]][]
    for (const [name] of this.#functions) this.#values.set(name, new Map())
  }

  get(name: Name, value: string): T[] {
    const values = this.#values.get(name)
    if (!values) throw new TypeError(`there is no index "${name}"`)
    return [...(values.get(value)?.values() ?? [])]
  }

  change(key: string, before: T | undefined, after: T | undefined): void {
    for (const [name, valuesOf] of this.#functions) {
      const values = this.#values.get(name)
      if (!values) continue
      if (before !== undefined) for (const value of valuesOf(before)) remove(values, value, key)
      if (after !== undefined) for (const value of valuesOf(after)) put(values, value, key, after)
    }
  }
}

function put<T>(values: Map<string, Map<string, T>>, value: string, key: string, object: T): void {
  const objects = values.get(value)
  if (objects) objects.set(key, object)
  else values.set(value, new Map([[key, object]]))
}

function remove<T>(values: Map<string, Map<string, T>>, value: string, key: string): void {
  const objects = values.get(value)
  objects?.delete(key)
  if (objects?.size === 0) values.delete(value)
}
