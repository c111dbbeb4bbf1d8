/** What an image recipe is: its official name, what it stands on, and the sources that decide its content. */
import type { Workshop } from './workshop.ts'

export interface Recipe {
  /** The name under which Kubernetes asks for the image, with registry and tag. */
  readonly name: string
  /** Images that must be in the store first; their digests are part of this one's. */
  readonly bases: readonly string[]
  /** Files and folders, from the project's root, whose content decides the image. Tests among them are left out. */
  readonly sources: readonly string[]
  /** What else decides it, such as the version of a program that is copied in. */
  readonly facts?: () => readonly string[]
  /** Leaves an image called `name` in the workshop's store. */
  build(workshop: Workshop): Promise<void>
}
