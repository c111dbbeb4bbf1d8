/**
 * Bundles the operator, its agent and the front desk into `dist/`, each one file that needs no node_modules. `bundling` is for whoever
 * measures or tests the operator as its image has it.
 */
import { existsSync } from 'node:fs'
import { type BuildOptions, build, type Plugin } from 'esbuild'

/** Bundle → entry. */
const ENTRIES = {
  operator: 'operator/main.ts',
  agent: 'operator/agent/main.ts',
  front: 'operator/front/main.ts',
}

/**
 * The shell takes client-node whole: 16 MB of generated classes, 37 MB of memory, none of which our subclass ever
 * reaches (operator/operator.test.ts proves it). In the bundle it gets what its constructor touches.
 */
const slimShell: Plugin = {
  name: 'slim-shell',
  setup(bundle) {
    bundle.onResolve({ filter: /^@kubernetes\/client-node$/ }, ({ importer }) =>
      importer.includes('@dot-i') ? { path: 'client-node', namespace: 'slim-shell' } : undefined,
    )
    bundle.onLoad({ filter: /.*/, namespace: 'slim-shell' }, () => ({
      resolveDir: import.meta.dirname,
      contents: "export { KubeConfig } from '@kubernetes/client-node'\nexport class CoreV1Api {}\n",
    }))
  },
}

export const bundling = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  plugins: [slimShell],
  // Packages in CommonJS call `require` for Node's own modules, which an ES module does not have.
  banner: {
    js: "import { createRequire as bannerCreateRequire } from 'node:module'; const require = bannerCreateRequire(import.meta.url);",
  },
} as const satisfies BuildOptions

if (import.meta.main) {
  const missing = Object.values(ENTRIES).filter((entry) => !existsSync(entry))
  if (missing.length > 0) {
    console.error(`Nothing to bundle: ${missing.join(' and ')} missing`)
    process.exit(1)
  }
  await build({
    ...bundling,
    entryPoints: ENTRIES,
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    sourcemap: true,
    logLevel: 'info',
  })
}
