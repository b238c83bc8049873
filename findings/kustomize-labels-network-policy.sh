#!/usr/bin/env bash
# kustomize's labels with selectors go into the peers of a NetworkPolicy too: the router of another namespace is shut out.
#
# `labels` with `includeSelectors`, and the older `commonLabels`, add their pairs to each selector of pods that kustomize
# knows. In a NetworkPolicy these include the `from` and `to` of peers, also beside a namespaceSelector. A router or the
# cluster's DNS does not have the label, so requests and name look-ups end in timeouts, and nothing reports an error.
# `includeTemplates` without `includeSelectors` leaves the peers as they are.
# Seen on 2026-11-30 with sigs.k8s.io/kustomize/api 0.21.1. Needs Go.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >policy.yaml <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: shop }
spec:
  podSelector: { matchLabels: { app: shop } }
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: router } }
          podSelector: { matchLabels: { app: router } }
  egress:
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
YAML
cat >go.mod <<'GO'
module finding
go 1.24.0
require sigs.k8s.io/kustomize/api v0.21.1
require sigs.k8s.io/kustomize/kyaml v0.21.1
GO
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	for _, form := range []string{"includeSelectors", "includeTemplates"} {
		text := "resources: [policy.yaml]\nlabels: [{ pairs: { env: staging }, " + form + ": true }]\n"
		os.WriteFile("kustomization.yaml", []byte(text), 0o644)
		built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), ".")
		if err != nil {
			panic(err)
		}
		object, _ := built.Resources()[0].Map()
		spec := object["spec"].(map[string]any)
		for key, peers := range map[string]string{"ingress": "from", "egress": "to"} {
			rule := spec[key].([]any)[0].(map[string]any)[peers].([]any)[0].(map[string]any)
			labels, _ := json.Marshal(rule["podSelector"])
			fmt.Println(form, key, string(labels))
		}
	}
}
GO
GOFLAGS=-mod=mod go mod tidy
go run . | sort >seen

diff seen - <<'SEEN' && echo 'as seen: the peers need a label that they do not have'
includeSelectors egress {"matchLabels":{"env":"staging","k8s-app":"kube-dns"}}
includeSelectors ingress {"matchLabels":{"app":"router","env":"staging"}}
includeTemplates egress {"matchLabels":{"k8s-app":"kube-dns"}}
includeTemplates ingress {"matchLabels":{"app":"router"}}
SEEN
