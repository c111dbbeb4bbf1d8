/** The charts that this operator carries: what a version of a ReleaseChannel may ask for. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Chart, loadChart } from './helm/chart.ts'

/** Every chart below the folder that is an `odoo-tenant`, newest version first. Throws when there is none. */
export async function loadCharts(folder: string): Promise<readonly Chart[]> {
  const folders = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const charts = await Promise.all(
    folders
      .filter((entry) => entry.name.startsWith('odoo-tenant'))
      .map((entry) => loadChart(join(folder, entry.name))),
  )
  if (charts.length === 0)
    throw new Error(
      `setting TENANTOPS_CHARTS: ${folder} holds no chart odoo-tenant; give the folder that does`,
    )
  return charts.sort((a, b) => b.version.localeCompare(a.version, 'en', { numeric: true }))
}
