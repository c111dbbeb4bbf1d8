/**
 * `launch.py`: starts Odoo so that it never needs the database `postgres`. Stock Odoo connects there at every start
 * (does the database exist?) and for its bus and cron signals; since PUBLIC may not connect there (any tenant could
 * listen to all), the launcher points that name at the tenant's own database. Mounted beside odoo.conf; every Odoo
 * container of a tenant (`serverCommand`, which charts/odoo-tenant repeats and a test compares) and of a template Job
 * (`initCommand`) runs it, never `odoo` itself.
 */

/** File name beside odoo.conf. */
export const launcherFile = 'launch.py'

/**
 * Python 3.6 and later, Odoo 14–19. `argv[0]` stays this file, so the process for live connections, which Odoo starts
 * as `python argv[0] gevent …`, comes through here too.
 *
 * `launch.py template <json>` is the installing half of a template Job: base first, then country and currency (by which
 * accounting chooses its chart), then the modules, then the bundles of scripts and styles that the first visitor of
 * every clone would wait for. That last part may fail without harm.
 */
export const launcherSource = `"""Starts Odoo with the database 'postgres' replaced by the tenant's own: see operator/odoo/launcher.ts."""
import os
import sys

os.environ["TZ"] = "UTC"  # before the time module is used, as odoo itself does


def point_postgres_at_own_database():
    import odoo
    import odoo.sql_db
    import odoo.tools

    connection_info_for = odoo.sql_db.connection_info_for

    def own_connection_info_for(name, *args, **kwargs):
        found, info = connection_info_for(name, *args, **kwargs)
        own = odoo.tools.config["db_name"]
        if isinstance(own, str):
            own = own.split(",")
        if found == "postgres" and own:
            for key in ("database", "dbname"):
                if info.get(key) == "postgres":
                    info[key] = own[0].strip()
        return found, info

    odoo.sql_db.connection_info_for = own_connection_info_for


def install(plan):
    import subprocess

    for step in plan["install"]:
        if step == "choose":
            if not choose(plan):
                return
            continue
        code = subprocess.call([sys.executable, sys.argv[0]] + step)
        if code:
            sys.exit(code)
    # In a process of its own: whatever happens to it, the modules are installed.
    subprocess.call([sys.executable, sys.argv[0], "bundles", plan["config"]])


def choose(plan):
    """Country and currency of the company, before a module looks at them. The agent judges what is unknown.

    False when a module is asked for that is not there: the rest would be installed in vain.
    """
    import configparser

    import psycopg2

    parser = configparser.RawConfigParser()
    parser.read([plan["config"]])
    options = dict(parser.items("options"))
    names = {"host": "db_host", "port": "db_port", "user": "db_user", "password": "db_password", "dbname": "db_name", "sslmode": "db_sslmode"}
    connection = psycopg2.connect(**{key: options[name] for key, name in names.items() if name in options})
    company = "(SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'main_company')"
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM ir_module_module WHERE name = ANY(%s)", [plan["asked"]])
        unknown = set(plan["asked"]) - {name for (name,) in cursor.fetchall()}
        if unknown:
            print("template: no such module: %s" % ", ".join(sorted(unknown)), flush=True)
            return False
        if plan.get("country"):
            cursor.execute(
                "UPDATE res_partner SET country_id = (SELECT id FROM res_country WHERE code = %s)"
                " WHERE id = (SELECT partner_id FROM res_company WHERE id = " + company + ")",
                [plan["country"]],
            )
        cursor.execute(
            "SELECT id FROM res_currency WHERE name = %s"
            " OR (%s IS NULL AND id = (SELECT currency_id FROM res_country WHERE code = %s))",
            [plan.get("currency"), plan.get("currency"), plan.get("country")],
        )
        for (currency,) in cursor.fetchall():
            cursor.execute("UPDATE res_currency SET active = true WHERE id = %s", [currency])
            cursor.execute("UPDATE res_company SET currency_id = %s WHERE id = " + company, [currency])
    connection.close()
    return True


def bundles(config):
    """Asks for the login page and the web client as a browser does, so that their bundles are made and kept."""
    import json
    import re
    import time

    point_postgres_at_own_database()
    import odoo
    import odoo.http
    import odoo.service.server
    from werkzeug.test import Client
    from werkzeug.wrappers import Response

    odoo.tools.config.parse_config(["-c", config, "--workers=0", "--max-cron-threads=0", "--no-http"])
    odoo.service.server.load_server_wide_modules()
    try:
        from odoo.service.wsgi_server import application  # to Odoo 15
    except ImportError:
        application = odoo.http.root
    database = odoo.tools.config["db_name"]
    if not isinstance(database, str):
        database = database[0]
    client = Client(application, Response)

    def ask(path, **more):
        start = time.time()
        answer = client.open(
            path, base_url="http://localhost:8069", environ_overrides={"REMOTE_ADDR": "127.0.0.1"}, **more
        )
        print("bundles: %s %s %.1fs" % (answer.status_code, path[:100], time.time() - start), flush=True)
        return answer.get_data().decode("utf-8", "replace")

    def page(path):
        text = ask(path)
        for found in sorted(set(re.findall(r'(?:src|href)="(/web/(?:assets|content)/[^"]+)"', text))):
            ask(found.replace("&amp;", "&"))

    page("/web/login")
    login = {"jsonrpc": "2.0", "params": {"db": database, "login": "admin", "password": "admin"}}
    ask("/web/session/authenticate", method="POST", data=json.dumps(login), content_type="application/json")
    page("/web")


def end_when_told():
    """Until Odoo has handlers of its own. A container's first process ignores what it has no handler for: asked to stop
    in its first seconds, it would go on until it is killed."""
    import signal

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: os._exit(128 + number))


if __name__ == "__main__":
    end_when_told()
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "template":
        import json

        install(json.loads(sys.argv[2]))
    elif command == "bundles":
        bundles(sys.argv[2])
    else:
        point_postgres_at_own_database()
        import odoo.cli

        odoo.cli.main()
`

export interface LaunchInput {
  readonly launcherPath: string
  readonly configPath: string
}

/**
 * Argv of a web or cron container. Crons run in processes of their own (`--workers=1` without HTTP starts cron workers
 * only): Odoo's threads for them die with their connection, its processes are started again.
 */
export function serverCommand(input: LaunchInput & { readonly role: 'web' | 'cron' }): readonly string[] {
  const start = ['python3', input.launcherPath, '-c', input.configPath]
  return input.role === 'web'
    ? [...start, '--max-cron-threads=0']
    : [...start, '--workers=1', '--no-http', '--max-cron-threads=1']
}
