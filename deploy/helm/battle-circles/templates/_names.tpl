{{- define "battle-circles.name" -}}
{{- $chart := .Chart.Name -}}
{{- if contains $chart .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $chart | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "battle-circles.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "battle-circles.labels" -}}
{{ include "battle-circles.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "battle-circles.config-secret" -}}
{{- .Values.configSecret | default (printf "%s-config" (include "battle-circles.name" .)) -}}
{{- end -}}

{{- /* What of the values makes no sense together. */ -}}
{{- define "battle-circles.check" -}}
{{- $least := add (int .Values.drain) 15 -}}
{{- with .Values.terminationGracePeriodSeconds -}}
{{- if lt (int .) (int $least) -}}
{{- fail (printf "terminationGracePeriodSeconds is %d, and drain needs %d" (int .) (int $least)) -}}
{{- end -}}
{{- end -}}
{{- $isHostNetwork := and (not .Values.agones.enabled) (eq .Values.network.mode "hostNetwork") -}}
{{- if and $isHostNetwork (lt (int .Values.port) 1024) -}}
{{- fail "network.mode hostNetwork leaves no port below 1024 to a server that is not root: choose another port" -}}
{{- end -}}
{{- /* Agones' sidecar listens in the same pod. */ -}}
{{- if and .Values.agones.enabled (has (int .Values.port) (list 8080 9357 9358)) -}}
{{- fail (printf "port %d is taken by the sidecar of Agones: choose another" (int .Values.port)) -}}
{{- end -}}
{{- $isMany := or (gt (int .Values.replicas) 1) (and .Values.agones.enabled .Values.agones.autoscaler.enabled) -}}
{{- if and $isMany (not .Values.tokenSecret.secret.name) -}}
{{- fail "several servers need one secret that signs tokens: tokenSecret.secret.name" -}}
{{- end -}}
{{- if and .Values.entry.enabled .Values.agones.enabled -}}
{{- fail "entry is for the StatefulSet: servers of a fleet have no port in common" -}}
{{- end -}}
{{- if and .Values.entry.enabled (not .Values.redis.secret.name) -}}
{{- fail "entry needs redis.secret.name: a player's next request may come to another server" -}}
{{- end -}}
{{- if and .Values.redis.secret.name (not (and .Values.network.publicOrigin .Values.tokenSecret.secret.name)) -}}
{{- fail "redis needs network.publicOrigin and tokenSecret.secret.name: servers send players to each other" -}}
{{- end -}}
{{- end -}}
