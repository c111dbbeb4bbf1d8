/** The fake's templates: made, sealed and dropped. */
import type { PostgresServer, TemplateFacts } from '../server.ts'
import type { FakeMemory } from './memory.ts'

type FakeTemplates = Pick<
  PostgresServer,
  'templateFacts' | 'listTemplates' | 'createTemplateDatabase' | 'sealTemplate' | 'dropTemplate'
>

export function fakeTemplates(memory: FakeMemory): FakeTemplates {
  const { entered, missing, templates } = memory
  const factsOf = (name: string): TemplateFacts => {
    const template = templates.get(name)
    if (template === undefined) return { name, kind: 'absent', sessions: 0 }
    if (template.mark === undefined) return { name, kind: 'building', sessions: 0 }
    return { name, kind: 'ready', mark: template.mark, sessions: 0 }
  }
  return {
    async templateFacts(name) {
      await entered('templateFacts', name)
      return factsOf(name)
    },
    async listTemplates() {
      await entered('listTemplates')
      return [...templates.keys()].sort().map(factsOf)
    },
    async createTemplateDatabase(name, password) {
      await entered('createTemplateDatabase', name)
      if (templates.get(name)?.mark === undefined) templates.set(name, { password })
    },
    async sealTemplate(name, mark) {
      await entered('sealTemplate', name)
      const template = templates.get(name)
      if (template === undefined) throw missing(`template ${name}`)
      template.mark ??= mark
    },
    async dropTemplate(name) {
      await entered('dropTemplate', name)
      templates.delete(name)
    },
  }
}
