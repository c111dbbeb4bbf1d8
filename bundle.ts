/** Bundle the operator and its agent into `dist/`, each one file that needs no node_modules. */
import { existsSync } from 'node:fs'
import { build } from 'esbuild'

/** Bundle → entry. */
const ENTRIES = { operator: 'operator/main.ts', agent: 'operator/agent/main.ts' }

const missing = Object.values(ENTRIES).filter((entry) => !existsSync(entry))
if (missing.length > 0) {
  console.error(`Nothing to bundle: ${missing.join(' and ')} missing`)
  process.exit(1)
}

await build({
  entryPoints: ENTRIES,
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  sourcemap: true,
  logLevel: 'info',
  // Packages in CommonJS call `require` for Node's own modules, which an ES module does not have.
  banner: {
    js: "import { createRequire as bannerCreateRequire } from 'node:module'; const require = bannerCreateRequire(import.meta.url);",
  },
})
