/** What a step does, in words for the person who asks for the plan. Pure, and without any secret: steps hold none. */
import { changeOf } from './repair-words.ts'
import type { Step } from './step.ts'

export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'add-finalizer':
      return 'puts the finalizer on the tenant, so that nothing is left behind when it is deleted'
    case 'remove-finalizer':
      return 'takes the finalizer off: the object goes'
    case 'create-namespace':
      return `makes namespace ${step.place.namespace.metadata.name} with quota, limits and a network policy that denies`
    case 'apply-namespace':
      return `brings ${[step.namespace, ...step.fences].flatMap((object) => object?.kind ?? []).join(', ')} of namespace ${step.name} up to what they should be`
    case 'label-retained':
      return `labels namespace ${step.namespace} as retained: volume and Secrets stay${step.until === undefined ? '' : ` until ${step.until}`}`
    case 'adopt-namespace':
      return `takes over namespace ${step.namespace} with its volume and Secrets`
    case 'delete-namespace':
      return `deletes namespace ${step.namespace} with its volume, since spec.deletionPolicy is Delete`
    case 'create-admin-secret':
      return `makes Secret ${step.name} with a new password for ${step.login}`
    case 'rotate-admin-secret':
      return `writes a new password into Secret ${step.name}, since spec.admin.rotation is ${step.rotation}`
    case 'set-admin-url':
      return `writes the new address into Secret ${step.name}: ${step.url}`
    case 'create-database-secret':
      return `makes Secret ${step.namespace}/${step.name} with a new password for role ${step.username}`
    case 'ensure-roles':
      return `makes sure of the roles ${step.names.owner} (owner) and ${step.names.login} (login)`
    case 'clone-database':
      return `clones database ${step.names.database} from template ${step.template}`
    case 'hand-over':
      return `gives database ${step.names.database} an identity of its own: ${step.identity.settings.baseUrl}`
    case 'set-login-password':
      return `sets the password of role ${step.names.login} to the one in its Secret`
    case 'set-admin-password':
      return `sets the password of Odoo user ${step.login} to the one in Secret ${step.secret}, ending open sessions`
    case 'apply-settings':
      return `applies addresses, company name and parameters inside database ${step.names.database}, without a restart: ${step.settings.baseUrl}`
    case 'apply-brand':
      return `applies the brand${step.brand.name === undefined ? '' : ` ${step.brand.name}`} inside database ${step.names.database}, without a restart`
    case 'write-config':
      return `writes odoo.conf for series ${step.settings.series} as a Secret in namespace ${step.namespace}`
    case 'copy-certificate':
      return `copies the certificate in Secret ${step.secret} to namespace ${step.namespace}`
    case 'deploy-release':
      return `deploys Helm release ${step.release} with image ${step.values.image}${step.values.suspended ? ', suspended: no pods' : ''}`
    case 'repair-release':
      return `sets right what is not as revision ${step.revision} of Helm release ${step.release} says: ${step.objects.map(changeOf).join(', ')}`
    case 'uninstall-release':
      return `uninstalls Helm release ${step.release}: pods, Service and route go, the volume stays`
    case 'delete-deployments':
      return `deletes the Deployments in namespace ${step.namespace}, whose Helm record is gone`
    case 'point-to-front':
      return `leads ${step.slices.map((slice) => `Service ${slice.metadata.labels?.['kubernetes.io/service-name']}`).join(' and ')} in namespace ${step.namespace} to the front desk`
    case 'point-away-from-front':
      return `leads visitors of namespace ${step.namespace} away from the front desk (EndpointSlice ${step.slices.join(', ')})`
    case 'begin-change':
      return `copies database ${step.names.database}, so that the change can be taken back`
    case 'start-change-job':
      return `starts the Job that installs ${[...step.extras.modules, ...step.extras.languages].join(', ')}`
    case 'settle-change':
      return `notes on database ${step.names.database} that the modules and languages asked for are there`
    case 'undo-change':
      return `puts database ${step.names.database} back as it was before the change`
    case 'forget-failure':
      return `forgets that a change of database ${step.names.database} failed, since it is not wanted any more`
    case 'drop-copies':
      return `drops what the change has left beside database ${step.names.database}`
    case 'remove-change-job':
      return `removes the Job of change ${step.digest} in namespace ${step.namespace}`
    case 'deny-egress':
      return 'closes the way out of the pods, since what is restored is a copy of another tenant'
    case 'start-exchange-job':
      return `starts the Job that links the files of TenantRestore ${step.restore} into the filestore, and keeps those of today`
    case 'exchange-database':
      return `exchanges database ${step.names.database} for the restored one; what it was is kept`
    case 'abandon-exchange':
      return `opens database ${step.names.database} again, which no restore replaces any more`
    case 'clear-former':
      return `starts the Job that takes away the files that restore ${step.id} replaced, whose time is over`
    case 'drop-former':
      return `drops the database that restore ${step.id} replaced, whose time is over`
    case 'remove-clear-job':
      return `takes away the Job that removed files of restore ${step.id}`
    case 'create-final-backup':
      return `makes TenantBackup ${step.name}, the final recovery point, before anything is destroyed`
    case 'start-shred-job':
      return 'starts the Job that removes the keys of the backup repository, and all that the store lets go, since spec.pointsOnDelete is Shred'
    case 'remove-backups':
      return `removes TenantBackups ${step.names.join(', ')}, whose points are shredded`
    case 'remove-shred-job':
      return `removes the Job that shredded the recovery points${step.told === undefined ? ', to try again' : ''}`
    case 'retain-database':
      return `seals database ${step.names.database}: no role can log in, all data is kept${step.instead === undefined ? '' : ` (${step.instead})`}`
    case 'unseal-database':
      return `unseals database ${step.names.database}: its login may log in again`
    case 'drop-database':
      return `drops database ${step.names.database} and its roles for good, since spec.deletionPolicy is Delete`
  }
}
