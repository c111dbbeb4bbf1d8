/** Build images by hand: `node test/cluster/images/main.ts [names…]`; without a name, all of them. */
import { cacheDirectory } from '../paths.ts'
import { ensureImages } from './ensure.ts'
import { recipes } from './recipes.ts'

const wanted = process.argv.slice(2)
/** A short name such as `postgres` or `postgres:17` stands for the image that it ends. */
const names = recipes
  .map((recipe) => recipe.name)
  .filter(
    (name) =>
      wanted.length === 0 ||
      wanted.some((each) => name === each || name.endsWith(`/${each}`) || name.includes(`/${each}:`)),
  )
const started = Date.now()
const archives = await ensureImages(names, { cacheDir: cacheDirectory, log: (line) => console.log(line) })
for (const [name, path] of archives) console.log(`${name}  ${path}`)
console.log(`${archives.size} images in ${((Date.now() - started) / 1000).toFixed(1)} s`)
