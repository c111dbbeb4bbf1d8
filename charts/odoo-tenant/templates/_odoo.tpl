{{/* What every object carries. Not app.kubernetes.io/instance: Argo CD takes objects with it for its own. */}}
{{- define "odoo.labels" -}}
app.kubernetes.io/name: odoo
app.kubernetes.io/part-of: tenantops
app.kubernetes.io/version: {{ .Values.series | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
tenantops.io/tenant: {{ .Values.tenant.name | quote }}
tenantops.io/tenant-namespace: {{ .Values.tenant.namespace | quote }}
tenantops.io/tenant-uid: {{ .Values.tenant.uid | quote }}
{{- end }}

{{- define "odoo.major" -}}
{{ index (splitList "." .Values.series) 0 }}
{{- end }}

{{/*
Which pods and how they may run: the same for web and cron. Odoo asks the API server nothing, so it has no account of
its own and no token; `default` is named, for an account that an older release named would else stay in
`serviceAccount`, the field's former name.
*/}}
{{- define "odoo.pod" -}}
serviceAccountName: default
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 101
  runAsGroup: 101
  fsGroup: 101
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with .Values.scheduling.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.scheduling.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if eq .Values.filestore.accessMode "ReadWriteOnce" }}
# The volume is on one node at a time, so all pods that mount it are.
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            app.kubernetes.io/name: odoo
{{- end }}
volumes:
  - name: config
    secret:
      secretName: {{ .Values.config.secretName | quote }}
      defaultMode: 0440
  - name: filestore
    persistentVolumeClaim:
      claimName: filestore
  - name: tmp
    emptyDir:
      sizeLimit: 2Gi
  - name: home
    emptyDir:
      sizeLimit: 256Mi
{{- end }}

{{/* launch.py starts Odoo so that it never needs the database `postgres`; it hands its arguments on. */}}
{{- define "odoo.container" -}}
image: {{ .Values.image | quote }}
imagePullPolicy: IfNotPresent
command: [python3, /etc/odoo/launch.py]
env:
  - name: HOME
    value: /home/odoo
  # The class's CA, when it asks to verify the database server; libpq ignores a file that is not there otherwise.
  - name: PGSSLROOTCERT
    value: /etc/odoo/ca.crt
  - name: PYTHONDONTWRITEBYTECODE
    value: "1"
  - name: PYTHONUNBUFFERED
    value: "1"
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: config
    mountPath: /etc/odoo
    readOnly: true
  - name: filestore
    mountPath: /var/lib/odoo
  - name: tmp
    mountPath: /tmp
  - name: home
    mountPath: /home/odoo
{{- end }}
