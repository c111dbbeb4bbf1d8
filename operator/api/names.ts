/**
 * Field types that several kinds share: names of objects, Secrets and hosts. All are plain strings for TypeScript;
 * what differs is the sentence a person reads when one is wrong. Field paths are given as the person wrote them.
 */
import { z } from 'zod'
import { cel, matches, quote, type Rule } from './cel.ts'

/** RFC 1123 label, the form of a Kubernetes object name that also fits a label value, a host and a namespace. */
export const LABEL = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'

/** RFC 1123 labels and dots, the last label beginning with a letter: never an IP address, which no Ingress takes. */
const HOST = '^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$'
const DOMAIN = HOST.replace('+', '*')

/** The rule of every kind's own name: it becomes a label value, so it must be a label. */
export const nameIsLabel: Rule = {
  rule: `self.metadata.name.matches('${LABEL}')`,
  message:
    "metadata.name must be a DNS label: use 1 to 63 lower-case letters, digits and '-', beginning and ending with a letter or digit.",
  fieldPath: '.metadata.name',
}

/** The name of a cluster-scoped object of `kind`, given in `field`. */
export function reference(field: string, kind: string, list: string) {
  return cel(
    z.string().max(253),
    matches(LABEL, `${field} must be the name of a ${kind}: choose one that "kubectl get ${list}" shows.`),
  )
}

/** The name of an object of Kubernetes' own, given in `field`; `what` is such as "a StorageClass". */
export function objectName(field: string, what: string) {
  return cel(
    z.string().max(253),
    matches(
      '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
      `${field} must be the name of ${what}: use lower-case letters, digits, '-' and '.'.`,
    ),
  )
}

/** The name of a Secret in the operator's own namespace, given in `field`. */
export function secretName(field: string, holds: string) {
  return cel(
    z.string().max(253),
    matches(
      '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
      `${field} must be the name of a Secret in the operator's namespace: use lower-case letters, digits, '-' and '.'.`,
    ),
  ).describe(`Name of a Secret in the operator's namespace that holds ${holds}.`)
}

/** Technical name of an Odoo module in a list given in `field`. */
export function moduleName(field: string) {
  return cel(
    z.string().max(128),
    matches(
      '^[a-z][a-z0-9_]*$',
      `${field} must hold technical names of Odoo modules: use lower-case letters, digits and '_', such as sale_management.`,
    ),
  )
}

/** Odoo's code of a language; `words` says what `field` must be. */
export function languageCode(field: string, words = 'be a language code of Odoo') {
  return cel(
    z.string().max(32),
    matches(
      '^[a-z]{2,3}(_([A-Z]{2}|[0-9]{3}))?(@[A-Za-z]+)?$',
      `${field} must ${words}: write it like fr, fr_BE or sr@latin.`,
    ),
  )
}

/** A host name, given in `field`: two labels or more. */
export function hostName(field: string, example: string) {
  return dnsName(HOST, field, 'a full host name', example)
}

/** A domain for hosts, given in `field`: one label is enough, such as localhost. */
export function domainName(field: string, example: string) {
  return dnsName(DOMAIN, field, 'a domain', example)
}

function dnsName(pattern: string, field: string, what: string, example: string) {
  return cel(
    z.string().max(253),
    {
      rule: "!self.contains('*')",
      message: `${field} must not hold a wildcard: write it like ${example}.`,
    },
    {
      rule: `self.contains('*') || self.matches(${quote(pattern)})`,
      message: `${field} must be ${what} in lower case, without scheme, port or path: write it like ${example}.`,
    },
  )
}

/** Text that Kubernetes takes as the key of a label or annotation. */
export const QUALIFIED = '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'
