{{- /* The server's pod: metadata and spec, for a StatefulSet and for a GameServer alike. */ -}}
{{- define "battle-circles.pod" -}}
{{- include "battle-circles.check" . -}}
{{- $isAgones := .Values.agones.enabled -}}
{{- $isPassthrough := and $isAgones (eq .Values.agones.portPolicy "Passthrough") -}}
{{- $isHostNetwork := and (not $isAgones) (eq .Values.network.mode "hostNetwork") -}}
metadata:
  labels:
    {{- include "battle-circles.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # Other settings need a new server.
    checksum/config: {{ .Values.config | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds | default (add (int .Values.drain) 15) }}
  # Variables for a Service `battle-circles` would be taken for settings.
  enableServiceLinks: false
  {{- if not $isAgones }}
  automountServiceAccountToken: false
  {{- end }}
  {{- if $isHostNetwork }}
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  {{- end }}
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
    {{- if and (not $isPassthrough) (lt (int .Values.port) 1024) }}
    sysctls:
      - name: net.ipv4.ip_unprivileged_port_start
        value: {{ .Values.port | quote }}
    {{- end }}
  containers:
    - name: server
      image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: ["--config", "/etc/battle-circles/battle-circles.toml"]
      env:
        - name: POD_NAME
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        - name: NODE_NAME
          valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
        - name: HOST_IP
          valueFrom: {fieldRef: {fieldPath: status.hostIP}}
        - name: POD_IP
          valueFrom: {fieldRef: {fieldPath: status.podIP}}
        - name: BATTLE_CIRCLES_NODE
          value: $(POD_NAME)
        - name: BATTLE_CIRCLES_PORT
          # 0: the port that Agones has given.
          value: {{ ternary 0 .Values.port $isPassthrough | quote }}
        - name: BATTLE_CIRCLES_OPERATIONS
          value: "0.0.0.0:{{ .Values.operations.port }}"
        - name: BATTLE_CIRCLES_DRAIN
          value: {{ .Values.drain | quote }}
        {{- if $isAgones }}
        - name: BATTLE_CIRCLES_AGONES
          value: "true"
        {{- end }}
        {{- with .Values.network.publicOrigin }}
        - name: BATTLE_CIRCLES_PUBLIC_ORIGIN
          value: {{ . | quote }}
        {{- end }}
        {{- with .Values.network.publicAddress }}
        - name: BATTLE_CIRCLES_PUBLIC_ADDRESS
          value: {{ . | quote }}
        {{- end }}
        {{- with .Values.network.fleetAddress }}
        - name: BATTLE_CIRCLES_FLEET_ADDRESS
          value: {{ . | quote }}
        {{- end }}
        {{- with .Values.region }}
        - name: BATTLE_CIRCLES_REGION
          value: {{ . | quote }}
        {{- end }}
        {{- if .Values.tls.secretName }}
        - name: BATTLE_CIRCLES_CERTIFICATE
          value: /etc/battle-circles-tls/tls.crt
        - name: BATTLE_CIRCLES_KEY
          value: /etc/battle-circles-tls/tls.key
        {{- end }}
        {{- range $variable, $from := dict "DATABASE" .Values.database "REDIS" .Values.redis "TOKEN_SECRET" .Values.tokenSecret }}
        {{- with $from.secret }}
        {{- if .name }}
        - name: BATTLE_CIRCLES_{{ $variable }}
          valueFrom: {secretKeyRef: {name: {{ .name | quote }}, key: {{ .key | quote }}}}
        {{- end }}
        {{- end }}
        {{- end }}
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        # A GameServer has its own list of those for players.
        {{- if not $isAgones }}
        {{- range list "TCP" "UDP" }}
        - name: game-{{ lower . }}
          containerPort: {{ $.Values.port }}
          protocol: {{ . }}
          {{- if ne $.Values.network.mode "loadBalancer" }}
          hostPort: {{ $.Values.port }}
          {{- end }}
        {{- end }}
        {{- end }}
        - name: operations
          containerPort: {{ .Values.operations.port }}
          protocol: TCP
          {{- if $isHostNetwork }}
          hostPort: {{ .Values.operations.port }}
          {{- end }}
      # A database that hangs holds the start up for a minute at most.
      startupProbe:
        httpGet: {path: /healthz, port: operations}
        periodSeconds: 2
        failureThreshold: 40
      {{- if not $isAgones }}
      # Of a GameServer Agones has one of its own, by what the server tells the sidecar.
      livenessProbe:
        httpGet: {path: /healthz, port: operations}
        periodSeconds: 5
        timeoutSeconds: 3
      {{- end }}
      readinessProbe:
        httpGet: {path: /readyz, port: operations}
        periodSeconds: 5
        timeoutSeconds: 3
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - name: state
          mountPath: /state
        - name: config
          mountPath: /etc/battle-circles
          readOnly: true
        {{- if .Values.tls.secretName }}
        - name: tls
          mountPath: /etc/battle-circles-tls
          readOnly: true
        {{- end }}
  volumes:
    {{- if or $isAgones (not .Values.persistence.enabled) }}
    - name: state
      emptyDir: {}
    {{- end }}
    - name: config
      secret:
        secretName: {{ include "battle-circles.config-secret" . }}
        defaultMode: 0440
    {{- with .Values.tls.secretName }}
    - name: tls
      secret:
        secretName: {{ . }}
        defaultMode: 0440
    {{- end }}
  {{- range $key := list "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" }}
  {{- with index $.Values $key }}
  {{ $key }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
{{- end -}}
