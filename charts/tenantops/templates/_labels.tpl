{{- define "tenantops.labels" -}}
app.kubernetes.io/name: tenantops
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: operator
{{- end }}

{{- /* Another name than the operator's, so that no selector takes one for the other. */}}
{{- define "tenantops.frontLabels" -}}
app.kubernetes.io/name: tenantops-front
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: front
{{- end }}
