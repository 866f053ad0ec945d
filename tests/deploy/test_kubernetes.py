"""The manifests: valid by the schemas of Kubernetes, held by its restricted profile, and of one piece."""

from importlib.util import find_spec
from typing import Any

import pytest
import yaml

from cardwright.main import AUTHORIZATION_PATH
from deploy.dockerfiles import stages_of
from deploy.programs import DEPLOY
from optional import do_without

FOLDER = DEPLOY / "kubernetes"
SERVERS = {"api", "decisions"}
RUNNING = SERVERS | {"worker", "migrate"}


def _documents() -> list[dict[str, Any]]:
    files = (FOLDER / name for name in _kustomization()["resources"])
    return [it for file in files for it in yaml.safe_load_all(file.read_text())]


def _kustomization() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    return found


DOCUMENTS = _documents()


def name_of(it: dict[str, Any]) -> str:
    return f"{it['kind']}/{it['metadata']['name']}"


def of(kind: str) -> dict[str, dict[str, Any]]:
    return {it["metadata"]["name"]: it for it in DOCUMENTS if it["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    return {name: it["spec"]["template"] for name, it in {**of("Deployment"), **of("Job")}.items()}


def test_every_file_is_named_and_every_thing_has_a_name_of_its_own() -> None:
    assert {it.name for it in FOLDER.glob("*.yaml")} == {*_kustomization()["resources"], "kustomization.yaml"}
    names = [name_of(it) for it in DOCUMENTS]
    assert len(set(names)) == len(names)
    assert {it["metadata"].get("namespace") for it in DOCUMENTS if it["kind"] != "Namespace"} == {
        "cardwright"
    }


@pytest.mark.parametrize("version", ["1.33", "1.37"])
def test_every_manifest_is_valid_by_the_schemas_of_kubernetes(version: str) -> None:
    find_spec("kubernetes_validate") or do_without("no kubernetes_validate here: uv sync --group deploy")
    import kubernetes_validate

    for it in DOCUMENTS:
        kubernetes_validate.validate(it, version, strict=True)
    misspelled = {**DOCUMENTS[0], "metadata": {"name": "x", "lables": {}}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(misspelled, version, strict=True)


def test_pods_are_what_the_restricted_profile_lets_in() -> None:
    assert set(pods()) == RUNNING
    assert (
        of("Namespace")["cardwright"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        == "restricted"
    )
    user, _, group = stages_of(DEPLOY / "Dockerfile")[-1].all("USER")[-1].partition(":")
    for name, pod in pods().items():
        spec = pod["spec"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec), name
        assert spec["automountServiceAccountToken"] is False, name
        held = spec["securityContext"]
        assert (held["runAsNonRoot"], held["runAsUser"], held["runAsGroup"]) == (True, int(user), int(group))
        assert held["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in [*spec["initContainers"], *spec["containers"]]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }  # fmt: skip
            assert container["image"] == "cardwright"
            assert container["resources"]["limits"]["memory"], name
            assert container["resources"]["requests"]["cpu"], name
        assert {next(key for key in it if key != "name") for it in spec["volumes"]} <= {"secret", "emptyDir"}


def test_key_files_reach_the_processes_for_their_owner_alone() -> None:
    for name, pod in pods().items():
        (copying,) = pod["spec"]["initContainers"]
        assert copying["command"][:2] == ["install", "--mode=0400"]
        copied = {it.rpartition("/")[2] for it in copying["command"][3:]}
        assert copied == {"environment", "encryption-keys.json", "push-account.json"}
        (running,) = pod["spec"]["containers"]
        mounts = {it["mountPath"]: it for it in running["volumeMounts"]}
        assert mounts["/etc/cardwright"]["readOnly"] is True
        assert "/mounted" not in mounts, name
        memory = {it["name"]: it for it in pod["spec"]["volumes"]}[mounts["/etc/cardwright"]["name"]]
        assert memory["emptyDir"]["medium"] == "Memory"
    file = of("ConfigMap")["cardwright"]["data"]["CARDWRIGHT_ENVIRONMENT_FILE"]
    assert file == "/etc/cardwright/environment"


def test_what_selects_finds_what_it_means() -> None:
    labels = {name: pod["metadata"]["labels"] for name, pod in pods().items()}
    for name, it in of("Deployment").items():
        assert it["spec"]["selector"]["matchLabels"] == labels[name]
        assert it["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        assert it["spec"]["replicas"] >= 2
        assert of("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"] == labels[name]
        assert of("HorizontalPodAutoscaler")[name]["spec"]["scaleTargetRef"]["name"] == name
        assert of("HorizontalPodAutoscaler")[name]["spec"]["minReplicas"] == it["spec"]["replicas"]
    for name in SERVERS:
        assert of("Service")[name]["spec"]["selector"] == labels[name]
    assert "selector" not in of("Service")["nowhere"]["spec"]


def test_servers_are_asked_for_their_health_and_drained_before_they_end() -> None:
    for name in SERVERS:
        spec = pods()[name]["spec"]
        (container,) = spec["containers"]
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
        drained = int(of("ConfigMap")["cardwright"]["data"]["CARDWRIGHT_DRAIN__SECONDS"])
        assert drained >= 2 * container["readinessProbe"]["periodSeconds"]
        assert spec["terminationGracePeriodSeconds"] >= drained + 30


def test_the_worker_says_on_the_figures_port_whether_it_works_and_only_monitoring_reads_there() -> None:
    port = int(of("ConfigMap")["cardwright"]["data"]["CARDWRIGHT_METRICS__PORT"])
    for name in SERVERS | {"worker"}:
        (container,) = pods()[name]["spec"]["containers"]
        assert {"name": "metrics", "containerPort": port} in container["ports"]
    (worker,) = pods()["worker"]["spec"]["containers"]
    assert worker["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "metrics"}
    assert of("NetworkPolicy")["monitoring"]["spec"]["ingress"][0]["ports"] == [{"port": port}]


def test_the_ingress_leads_to_services_that_there_are_and_hides_what_is_for_operators() -> None:
    (rule,) = of("Ingress")["cardwright"]["spec"]["rules"]
    leads = {it["path"]: it["backend"]["service"]["name"] for it in rule["http"]["paths"]}
    assert leads == {AUTHORIZATION_PATH: "decisions", "/metrics": "nowhere", "/readyz": "nowhere", "/": "api"}
    assert set(leads.values()) <= set(of("Service"))
    (tls,) = of("Ingress")["cardwright"]["spec"]["tls"]
    assert tls["hosts"] == [rule["host"]]


def test_nobody_reaches_anybody_but_by_policy() -> None:
    policies = {name: it["spec"] for name, it in of("NetworkPolicy").items()}
    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (expression,) = policies["ingress-to-servers"]["podSelector"]["matchExpressions"]
    assert set(expression["values"]) == SERVERS
    (outward,) = policies["outward"]["podSelector"]["matchExpressions"]
    assert set(outward["values"]) == RUNNING
    world = policies["outward"]["egress"][-1]["to"][0]["ipBlock"]
    assert {"169.254.0.0/16", "10.0.0.0/8"} <= set(world["except"])
