/** `npm stop`: removes every cluster of this checkout, whoever started it and however it ended. */
import { recordedNames } from '../test/cluster/embedded/record.ts'
import { chooseProvider, providers } from '../test/cluster/providers.ts'

const names = recordedNames()
if (names.length === 0) console.log('nothing is running')
for (const name of names) {
  await providers[await chooseProvider()].stop(name)
  console.log(`${name}: stopped, nothing is left of it`)
}
