/** ghcr.io/projectcontour/contour: one static binary, from its Go module with recorded checksums. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectDirectory } from '../paths.ts'
import type { Recipe } from './recipe.ts'

/** The module that pins Contour and everything it is made of. */
const MODULE = 'test/cluster/binaries/contour'
const CONTOUR = 'github.com/projectcontour/contour'

/** As its go.mod says. */
export const contourVersion =
  readFileSync(join(projectDirectory, MODULE, 'go.mod'), 'utf8').match(/\/contour (v\S+)/)?.[1] ?? 'unknown'

export const contour: Recipe = {
  name: `ghcr.io/projectcontour/contour:${contourVersion}`,
  bases: [],
  sources: ['test/cluster/images/contour.ts', MODULE],
  async build(workshop) {
    const binary = join(workshop.scratch, 'contour')
    workshop.step(`go build contour ${contourVersion}`)
    const flags = ['-trimpath', `-ldflags=-s -w -X ${CONTOUR}/internal/build.Version=${contourVersion}`]
    await workshop.run(['go', 'build', ...flags, '-o', binary, `${CONTOUR}/cmd/contour`], {
      cwd: join(workshop.root, MODULE),
      env: { CGO_ENABLED: '0' },
    })
    await workshop.commit(this.name, 'scratch', async (container) => {
      mkdirSync(join(container.mount, 'bin'))
      writeFileSync(join(container.mount, 'bin/contour'), readFileSync(binary), { mode: 0o755 })
      await container.config({ cmd: '["contour"]', env: 'PATH=/bin', user: '65534:65534' })
    })
  },
}
