/**
 * Validation that the API server runs. A rule stands beside the field it guards, as `x-kubernetes-validations` in
 * the field's metadata, and its message is one sentence that names the field and the remedy: it is what the person
 * who runs `kubectl apply` reads. `.refine()` is not used in this folder: it would vanish from the CRD silently.
 */
import type { z } from 'zod'

/** One CEL rule (https://kubernetes.io/docs/reference/using-api/cel/). `rule` is true for good input. */
export type Rule = {
  readonly rule: string
  /** One sentence: field, what is wrong, what to do. */
  readonly message: string
  /** CEL that makes the sentence from the value; `message` is what is said when it fails. */
  readonly messageExpression?: string
  /** Field that the refusal names, from where the rule stands (`.current`); default: where the rule stands. */
  readonly fieldPath?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate'
}

/** Adds rules to a schema, after the ones it has. */
export function cel<S extends z.ZodType>(schema: S, ...rules: readonly Rule[]): S {
  const meta = schema.meta() ?? {}
  const before = (meta['x-kubernetes-validations'] ?? []) as readonly Rule[]
  return schema.meta({ ...meta, 'x-kubernetes-validations': [...before, ...rules] }) as S
}

/** A CEL string literal of `text`. */
export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** A rule that a string matches `pattern` (RE2), said with a sentence in place of the API server's bare pattern. */
export function matches(pattern: string, message: string): Rule {
  return { rule: `self.matches(${quote(pattern)})`, message }
}

/** A rule that `path` keeps the value it was created with; `path` is optional and its absence reads as `absent` (CEL). */
export function fixed(path: string, message: string, absent?: string): Rule {
  const refusal = { message, fieldPath: `.${path}`, reason: 'FieldValueForbidden' } as const
  if (absent === undefined) return { rule: `self.${path} == oldSelf.${path}`, ...refusal }
  const steps = path.split('.').map((_, i, all) => all.slice(0, i + 1).join('.'))
  const read = (root: string) =>
    `(${steps.map((step) => `has(${root}.${step})`).join(' && ')} ? ${root}.${path} : ${absent})`
  return { rule: `${read('self')} == ${read('oldSelf')}`, ...refusal }
}
