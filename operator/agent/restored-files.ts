/** What a directory of files and a database need that are filled anew, whatever they are filled from. */
import { chown, mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Rows } from '../postgres/session.ts'

/** Empty, and of the one whom the volume belongs to. */
export async function prepareFolder(filestore: string, data: string): Promise<void> {
  await rm(filestore, { recursive: true, force: true })
  await mkdir(filestore, { recursive: true })
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(data)
  for (const folder of [filestore, join(data, 'filestore')]) await chown(folder, uid, gid)
}

/** Bundles whose files are not there: without their attachments Odoo makes them again. */
export async function forgetBundles(rows: Rows, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await rows.query(
    "DELETE FROM ir_attachment WHERE url LIKE '/web/%' AND store_fname = ANY (string_to_array($1::text, ','))",
    [names.join(',')],
  )
}
