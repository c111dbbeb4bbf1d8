/**
 * `launch.py`: starts Odoo so that it never needs the database `postgres`. Stock Odoo connects there at every start
 * (does the database exist?) and for its bus and cron signals; since PUBLIC may not connect there (any tenant could
 * listen to all), the launcher points that name at the tenant's own database. Mounted beside odoo.conf; every Odoo
 * container of a tenant and of a template Job runs `serverCommand` or `initCommand`, never `odoo` itself.
 */

/** File name beside odoo.conf. */
export const launcherFile = 'launch.py'

/** Python source, the same for all series. */
export declare const launcherSource: string

/** Argv of a web or cron container. */
export declare function serverCommand(input: {
  readonly launcherPath: string
  readonly configPath: string
  readonly role: 'web' | 'cron'
}): readonly string[]
