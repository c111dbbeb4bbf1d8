import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { customResourceDefinition, objectSchema, type Schema } from './crd.ts'
import { apiVersion } from './defineKind.ts'
import { generatedFiles, generatedFolders } from './generate.ts'
import { apiKinds } from './kinds.ts'

const root = join(import.meta.dirname, '../..')
const files = generatedFiles()

function* nodes(schema: Schema): Generator<Schema> {
  yield schema
  for (const child of Object.values(schema.properties ?? {})) yield* nodes(child)
  if (schema.items) yield* nodes(schema.items)
  if (typeof schema.additionalProperties === 'object') yield* nodes(schema.additionalProperties)
}

describe('generated files', () => {
  it.each([...files])('%s is as committed (else: npm run generate)', (path, content) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(content)
  })

  it('are all that lies in their folders', () => {
    const lying = generatedFolders.flatMap((folder) =>
      readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
    )
    expect(lying.sort()).toEqual([...files.keys()].sort())
  })

  it('stay small enough for etcd and for client-side apply', () => {
    for (const [path, content] of files) expect(content.length, path).toBeLessThan(200_000)
  })
})

describe.each(apiKinds.map((kind) => [kind.kind, kind] as const))('%s', (_, kind) => {
  const schema = objectSchema(kind)
  const ajv = new Ajv({ strict: false, validateFormats: false })

  it('is the same after a trip through YAML', () => {
    const path = `crds/tenantops.io_${kind.plural}.yaml`
    expect(parse(files.get(path) ?? '')).toEqual(customResourceDefinition(kind))
  })

  it('has an example that its own schema takes', () => {
    const valid = ajv.compile(schema)
    expect(valid({ apiVersion, kind: kind.kind, ...kind.example }), JSON.stringify(valid.errors)).toBe(true)
    expect(kind.spec.safeParse(kind.example.spec).error).toBeUndefined()
  })

  it('has only defaults that its own schema takes', () => {
    for (const node of nodes(schema))
      if ('default' in node) expect(ajv.validate(node, node.default)).toBe(true)
  })

  it('uses only regular expressions that RE2 knows', () => {
    const rules = [...nodes(schema)].flatMap(
      (node) => (node['x-kubernetes-validations'] ?? []) as { rule: string }[],
    )
    for (const { rule } of rules) expect(rule).not.toMatch(/\(\?[=!<]|\\\\[1-9]/)
  })

  it('reads columns and selectable fields that exist', () => {
    for (const { jsonPath } of [
      ...kind.columns,
      ...kind.selectableFields.map((jsonPath) => ({ jsonPath })),
    ]) {
      const names = jsonPath.replace(/\[.*$/, '').split('.').slice(1)
      if (names[0] === 'metadata') continue
      const end = names.reduce<Schema | undefined>((at, name) => at?.properties?.[name], schema)
      expect(end, jsonPath).toBeDefined()
    }
  })
})
