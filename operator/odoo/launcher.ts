/**
 * `launch.py`: starts Odoo so that it never needs the database `postgres`. Stock Odoo connects there at every start
 * (does the database exist?) and for its bus and cron signals; since PUBLIC may not connect there (any tenant could
 * listen to all), the launcher points that name at the tenant's own database. Mounted beside odoo.conf; every Odoo
 * container of a tenant and of a template Job runs `serverCommand` or `initCommands`, never `odoo` itself.
 */

/** File name beside odoo.conf. */
export const launcherFile = 'launch.py'

/**
 * Python 3.6 and later, Odoo 14–19. `argv[0]` stays this file, so the process for live connections, which Odoo starts
 * as `python argv[0] gevent …`, comes through here too.
 */
export const launcherSource = `"""Starts Odoo with the database 'postgres' replaced by the tenant's own: see operator/odoo/launcher.ts."""
import os

os.environ["TZ"] = "UTC"  # before the time module is used, as odoo itself does

import odoo
import odoo.cli
import odoo.sql_db
import odoo.tools

_connection_info_for = odoo.sql_db.connection_info_for


def connection_info_for(name, *args, **kwargs):
    found, info = _connection_info_for(name, *args, **kwargs)
    own = odoo.tools.config["db_name"]
    if isinstance(own, str):
        own = own.split(",")
    if found == "postgres" and own:
        for key in ("database", "dbname"):
            if info.get(key) == "postgres":
                info[key] = own[0].strip()
    return found, info


odoo.sql_db.connection_info_for = connection_info_for

if __name__ == "__main__":
    odoo.cli.main()
`

export interface LaunchInput {
  readonly launcherPath: string
  readonly configPath: string
}

/** The beginning of every command line. */
export function launchArguments(input: LaunchInput): readonly string[] {
  return ['python3', input.launcherPath, '-c', input.configPath]
}

/**
 * Argv of a web or cron container. Crons run in processes of their own (`--workers=1` without HTTP starts cron workers
 * only): Odoo's threads for them die with their connection, its processes are started again.
 */
export function serverCommand(input: LaunchInput & { readonly role: 'web' | 'cron' }): readonly string[] {
  return input.role === 'web'
    ? [...launchArguments(input), '--max-cron-threads=0']
    : [...launchArguments(input), '--workers=1', '--no-http', '--max-cron-threads=1']
}
