"""Renders a Helm chart by Helm's own library, and prints its manifests as a JSON array.

render.py CHART VALUES: a folder, and a file of JSON. Each manifest of Kubernetes' own is judged by its schema, strictly, and so
is the pod of one that isn't. What lint, rendering or a schema complains of goes to standard error, with exit code 1.
"""

import json
import sys

import helm_python
import kubernetes_validate
import yaml

# What the schemas of Kubernetes don't have.
OTHERS = ("agones.dev/", "autoscaling.agones.dev/", "monitoring.coreos.com/")


def fail(words):
    print(words, file=sys.stderr)
    sys.exit(1)


def judged(manifest):
    """What of a manifest Kubernetes' schemas know; nothing of one that is all another's."""
    if not manifest["apiVersion"].startswith(OTHERS):
        return manifest
    template = manifest["spec"].get("template", {}).get("spec", {}).get("template")
    if template is None:
        return None
    metadata = manifest["metadata"]
    return {"apiVersion": "v1", "kind": "PodTemplate", "metadata": metadata, "template": template}


def main(chart, values):
    with open(values, encoding="utf-8") as file:
        values = json.load(file)
    report = helm_python.lint(chart, values, strict=True)
    # 2 is a warning, 3 an error.
    flaws = [message for message in report["messages"] if message["severity"] >= 2]
    if flaws or report["errors"]:
        fail(json.dumps([flaws, report["errors"]], indent=1))
    try:
        with helm_python.Chart.load(chart) as loaded:
            rendered = loaded.render(values, name="game", namespace="games")
    except helm_python.HelmError as error:
        fail(error)
    texts = [text for name, text in sorted(rendered.items()) if name.endswith(".yaml")]
    manifests = [manifest for text in texts for manifest in yaml.safe_load_all(text) if manifest]
    for manifest in manifests:
        try:
            known = judged(manifest)
            if known is not None:
                kubernetes_validate.validate(known, kubernetes_validate.latest_version(), strict=True)
        except kubernetes_validate.ValidationError as error:
            fail(f"{manifest['kind']}: {error.message} at {list(error.path)}")
    json.dump(manifests, sys.stdout)


main(*sys.argv[1:])
