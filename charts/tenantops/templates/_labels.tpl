{{- define "tenantops.labels" -}}
app.kubernetes.io/name: tenantops
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: operator
{{- end }}
