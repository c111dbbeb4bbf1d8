/**
 * Modules and languages put into a database that lives: what Odoo's container of the Job runs, and whether it worked.
 * Odoo ignores names it does not know, and ends with exit code 0; it loads the data of a module again that `-i` names a
 * second time, over what people have changed since. So only what is not there is asked for, and the database is asked
 * afterwards. Pure.
 */
import type { OdooSeries } from '../api/v1alpha1/release-channel.ts'
import { nearest } from './modules.ts'
import { seriesFacts } from './series.ts'

export interface ExtrasInput {
  readonly series: OdooSeries
  readonly modules: readonly string[]
  readonly languages: readonly string[]
  /** Paths in the container. */
  readonly configPath: string
  readonly launcherPath: string
  /** Where `OdooOutcome` is written. */
  readonly outcomePath: string
}

/** How Odoo ended: written by its container for the agent, which judges. */
export interface OdooOutcome {
  readonly code: number
  /** The module it was at. */
  readonly module: string | null
  /** Last word of its traceback. */
  readonly cause: string | null
}

/** What the database holds: module → state, language → active. */
export interface ExtrasHeld {
  readonly modules: ReadonlyMap<string, string>
  readonly languages: ReadonlyMap<string, boolean>
}

export interface ExtrasAsked {
  readonly modules: readonly string[]
  readonly languages: readonly string[]
}

export function missingExtras(asked: ExtrasAsked, held: ExtrasHeld): ExtrasAsked {
  return {
    modules: asked.modules.filter((name) => held.modules.get(name) !== 'installed'),
    languages: asked.languages.filter((code) => held.languages.get(code) !== true),
  }
}

/**
 * What was there and is surely not any more: somebody uninstalled it inside Odoo. A module in the middle of anything, such
 * as an upgrade, is not counted.
 */
export function lostExtras(asked: ExtrasAsked, held: ExtrasHeld): ExtrasAsked {
  const gone = (state: string | undefined) => state === undefined || /^uninstall(ed|able)$/.test(state)
  return {
    modules: asked.modules.filter((name) => gone(held.modules.get(name))),
    languages: asked.languages.filter((code) => held.languages.get(code) !== true),
  }
}

/** Why it is vain to try, as far as the database can tell before Odoo runs; undefined when it is not. */
export function impossibleExtras(asked: ExtrasAsked, held: ExtrasHeld, odoo: string): string | undefined {
  const unknown = asked.modules.filter((name) => !held.modules.has(name))
  if (unknown.length > 0) {
    const hints = unknown.flatMap((name) => nearest(name, held.modules.keys()) ?? [])
    const hint = hints.length > 0 ? ` (did you mean ${hints.join(', ')}?)` : ''
    return `spec.modules names ${unknown.join(', ')}, which ${odoo} does not have; correct spec.modules${hint}, or update the list of apps in Odoo if the image has got it since`
  }
  const closed = asked.modules.filter((name) => held.modules.get(name) === 'uninstallable')
  if (closed.length > 0)
    return `spec.modules names ${closed.join(', ')}, which ${odoo} has but marks as not installable; remove it`
  const foreign = asked.languages.filter((code) => !held.languages.has(code))
  if (foreign.length > 0)
    return `spec.languages names ${foreign.join(', ')}, which ${odoo} does not have; correct or remove it`
  return undefined
}

/** Why the change did not work, as one sentence; undefined when everything asked for is there and nothing hangs. */
export function judgeExtras(
  asked: ExtrasAsked,
  held: ExtrasHeld,
  outcome: OdooOutcome | undefined,
): string | undefined {
  const missing = missingExtras(asked, held)
  const because = outcome?.cause ? `: ${outcome.cause}` : ''
  if (outcome === undefined || outcome.code !== 0) {
    const at = outcome?.module ?? [...missing.modules, ...missing.languages].join(', ')
    return `Odoo could not install ${at === '' ? 'what was asked for' : at}${because || `, and ended with exit code ${outcome?.code ?? 'unknown'}`}`
  }
  const hanging = [...held.modules].filter(([, state]) => /^to (install|upgrade)$/.test(state))
  if (hanging.length > 0) {
    const names = hanging.slice(0, 10).map(([name]) => name)
    return `${names.join(', ')} got stuck half installed, mostly for a missing dependency${because}`
  }
  if (missing.modules.length > 0) return `Odoo did not install ${missing.modules.join(', ')}${because}`
  if (missing.languages.length > 0)
    return `Odoo did not load language ${missing.languages.join(', ')}${because}`
  return undefined
}

/** Argv of Odoo's container. It brings its own script: the launcher in a tenant's Secret may be an older one. */
export function extrasCommand(input: ExtrasInput): readonly string[] {
  const { modules, languages, configPath, launcherPath, outcomePath } = input
  const plan = {
    modules,
    languages,
    config: configPath,
    outcome: outcomePath,
    odoo: [
      launcherPath,
      '-c',
      configPath,
      ...seriesFacts(input.series).withoutDemo,
      '--workers=0',
      '--max-cron-threads=0',
      '--no-http',
      '--stop-after-init',
    ],
  }
  return ['python3', '-u', '-c', extrasScript, JSON.stringify(plan)]
}

/**
 * Exit code 0: Odoo has ended, well or not, and the outcome says how. 1: worth another try, for it lost its database.
 * As process 1 of its container it would ignore the signal that ends it.
 */
const extrasScript = String.raw`
import configparser, json, re, signal, subprocess, sys

import psycopg2

signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
plan = json.loads(sys.argv[1])
parser = configparser.RawConfigParser()
parser.read([plan["config"]])
options = dict(parser.items("options"))
names = {"host": "db_host", "port": "db_port", "user": "db_user", "password": "db_password", "dbname": "db_name", "sslmode": "db_sslmode"}
connection = psycopg2.connect(**{key: options[name] for key, name in names.items() if name in options})
with connection, connection.cursor() as cursor:
    cursor.execute("SELECT name FROM ir_module_module WHERE state = 'installed'")
    installed = {name for (name,) in cursor.fetchall()}
    cursor.execute("SELECT code FROM res_lang WHERE active")
    active = {code for (code,) in cursor.fetchall()}
connection.close()
modules = [name for name in plan["modules"] if name not in installed]
languages = [code for code in plan["languages"] if code not in active]
outcome = {"code": 0, "module": None, "cause": None}
if modules or languages:
    command = [sys.executable] + plan["odoo"]
    if modules:
        command += ["-i", ",".join(modules)]
    if languages:
        command += ["--load-language=" + ",".join(languages)]
    odoo = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    said = None
    chain = []
    for line in odoo.stdout:
        sys.stdout.write(line)
        found = re.search(r"Loading module (\w+) \(", line)
        if found:
            outcome["module"] = found.group(1)
        logged = re.match(r"\d{4}-\d\d-\d\d \S+ \d+ (\w+) \S+ [\w.]+: (.*)", line)
        if logged and logged.group(1) in ("ERROR", "CRITICAL"):
            said = logged.group(2).strip()[:600]
            chain = []
        # Exceptions of one traceback, innermost first; which file was being read says less than what was wrong with it.
        elif re.match(r"[A-Za-z_][\w.]*[a-z]: ", line) and "ParseError" not in line:
            chain.append(line.strip()[:600])
    outcome["code"] = odoo.wait()
    outcome["cause"] = chain[-1] if outcome["code"] and chain else said
    lost = re.search(r"OperationalError|InterfaceError|terminating connection|server closed the connection|AdminShutdown", outcome["cause"] or "")
    if outcome["code"] < 0 or (outcome["code"] and lost):
        print("change: Odoo ended with %s: %s" % (outcome["code"], outcome["cause"]), file=sys.stderr)
        sys.exit(1)
else:
    print("change: everything asked for is there", flush=True)
with open(plan["outcome"], "w") as file:
    json.dump(outcome, file)
`
