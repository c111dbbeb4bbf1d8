/**
 * Whether one pod reaches another place, tried for real: TCP connections out of a container that has Python, as those
 * of Odoo have. `silent` is what a fence does to a connection, and what nobody at an address does too: so a test that
 * wants silence first shows that the place answers somebody else.
 */
import type { Kubectl } from '../../demo/kubectl.ts'

/** Host (a name, or an address of IPv4 or IPv6) and port. */
export type Target = readonly [string, number]

export type Reached =
  | 'open'
  /** Somebody said no. */
  | 'refused'
  | 'silent'
  /** The name has no address, or nobody answers who would know it. */
  | 'nameless'
  | 'routeless'

/** Seconds of silence that count: the kernel repeats a lost first packet after one second. */
const patience = 3

/** `pod` as `kubectl exec` takes it: a name, or `deployment/name`. Targets are tried side by side. */
export async function reach<Name extends string>(
  kubectl: Kubectl,
  namespace: string,
  pod: string,
  targets: Readonly<Record<Name, Target>>,
): Promise<Record<Name, Reached>> {
  const python = ['python3', '-c', connecting, JSON.stringify(targets)]
  return JSON.parse(await kubectl.run('exec', '-n', namespace, pod, '--', ...python)) as Record<Name, Reached>
}

/** The same answer for each target: what a test expects of all of them. */
export const all = <Name extends string>(
  targets: Readonly<Record<Name, Target>>,
  answer: Reached,
): Record<Name, Reached> =>
  Object.fromEntries(Object.keys(targets).map((name) => [name, answer])) as Record<Name, Reached>

/** A Python program that prints what became of the targets of its argument. */
export const connecting = `
import concurrent.futures, errno, json, socket, sys


def attempt(target):
    try:
        socket.create_connection(tuple(target), ${patience}).close()
        return "open"
    except socket.gaierror:
        return "nameless"
    except socket.timeout:
        return "silent"
    except OSError as error:
        if error.errno == errno.ECONNREFUSED:
            return "refused"
        if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            return "routeless"
        raise


targets = json.loads(sys.argv[1])
with concurrent.futures.ThreadPoolExecutor(max(1, len(targets))) as pool:
    print(json.dumps(dict(zip(targets, pool.map(attempt, targets.values())))))
`
