/** A real browser, Chromium without a window: what a page looks like, by pixel, and what stands on it after its scripts ran. */
import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { command } from '../cluster/command.ts'

export interface Look {
  /** The page's HTML after its scripts ran. */
  readonly html: string
  /** How many pixels of the screenshot have exactly this colour, `#rrggbb`. */
  readonly pixels: (color: string) => number
}

const program = '/usr/bin/chromium'
/** Milliseconds for one page, a cold start of the browser on a busy machine included. */
const patience = 120_000

/** Debian's Chromium, installed when the machine has none. */
export async function ensureBrowser(): Promise<void> {
  if (existsSync(program)) return
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await command('apt-get', ['update', '-q'], { env })
  await command('apt-get', ['install', '-qy', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
    env,
  })
}

/** Opens `http://host:port/path`, whatever names the machine knows. `keep`: where to leave the screenshot. */
export async function look(port: number, host: string, path: string, keep?: string): Promise<Look> {
  const home = await mkdtemp(join(tmpdir(), 'tenantops-browser-'))
  try {
    const url = `http://${host}:${port}${path}`
    const picture = join(home, 'page.png')
    const browse = (...args: readonly string[]) =>
      command(
        program,
        [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--hide-scrollbars',
          '--window-size=900,700',
          '--virtual-time-budget=5000',
          `--user-data-dir=${home}`,
          '--host-resolver-rules=MAP * 127.0.0.1',
          ...args,
          url,
        ],
        { timeout: patience },
      )
    const html = await browse('--dump-dom')
    await browse(`--screenshot=${picture}`)
    const { data } = PNG.sync.read(await readFile(picture))
    if (keep !== undefined) await copyFile(picture, keep)
    return { html, pixels: (color) => count(data, color) }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

function count(data: Buffer, color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
  let found = 0
  for (let at = 0; at < data.length; at += 4)
    if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) found += 1
  return found
}
