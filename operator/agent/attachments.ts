/** Moves the files of a fresh Odoo database from its filestore into the database, so that a clone needs no file copy. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Rows } from '../postgres/session.ts'

interface Attachment {
  readonly id: number
  readonly store_fname: string
  readonly url: string | null
}

/** `folder`: `<data_dir>/filestore/<database>`. Returns how many were moved. To be run in a transaction. */
export async function moveFilesIntoDatabase(rows: Rows, folder: string): Promise<number> {
  const attachments = await rows.query<Attachment>(
    'SELECT id, store_fname, url FROM ir_attachment WHERE store_fname IS NOT NULL ORDER BY id',
  )
  for (const { id, store_fname, url } of attachments) {
    const content = await contentOf(folder, store_fname)
    if (content !== undefined) {
      await rows.query('UPDATE ir_attachment SET db_datas = $2, store_fname = NULL WHERE id = $1', [
        id,
        content,
      ])
    } else if (url?.startsWith('/web/') === true) {
      // A bundle of scripts or styles: Odoo makes it again when it is asked for.
      await rows.query('DELETE FROM ir_attachment WHERE id = $1', [id])
    } else {
      throw new Error(
        `file ${store_fname} of attachment ${id} is not in ${folder}; the volume of Odoo's container must be mounted in the agent's`,
      )
    }
  }
  return attachments.length
}

/** Odoo names a file by its hash, `aa/aabb…`: anything else is not followed. */
async function contentOf(folder: string, name: string): Promise<Buffer | undefined> {
  if (!/^[0-9a-f]{2,3}\/[0-9a-f]{40}$/.test(name)) return undefined
  try {
    return await readFile(join(folder, name))
  } catch {
    return undefined
  }
}
