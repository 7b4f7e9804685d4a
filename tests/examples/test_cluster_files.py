"""The files to start a cluster from are what Ray and KubeRay read, as far as can be told without them."""

import re
from pathlib import Path

import pytest
import yaml

from checker.cli.grammar.parser import parser

FOLDER = Path(__file__).parents[2] / "examples" / "cluster"
INSTALLS = "pmmc-checker[cluster]"


def test_the_file_for_ray_up_names_its_machines() -> None:
    text = (FOLDER / "ray-up.yaml").read_text(encoding="utf-8")
    told = yaml.safe_load(text)
    types = told["available_node_types"]
    assert told["head_node_type"] in types
    assert sum(kind.get("min_workers", 0) for kind in types.values()) <= told["max_workers"]
    assert all(kind.get("min_workers", 0) <= kind["max_workers"] for kind in types.values())
    assert types[told["head_node_type"]]["resources"]["CPU"] == 0
    assert any(INSTALLS in command for command in told["setup_commands"])
    assert any("--head" in command for command in told["head_start_ray_commands"])
    assert any("$RAY_HEAD_IP" in command for command in told["worker_start_ray_commands"])
    assert {"cluster_name", "provider", "auth"} <= told.keys()


def test_the_file_for_kuberay_is_a_cluster_of_ray() -> None:
    text = (FOLDER / "kuberay.yaml").read_text(encoding="utf-8")
    told = yaml.safe_load(text)
    assert (told["apiVersion"], told["kind"]) == ("ray.io/v1", "RayCluster")
    head, workers = told["spec"]["headGroupSpec"], told["spec"]["workerGroupSpecs"]
    assert head["rayStartParams"]["num-cpus"] == "0"
    images = set()
    for group in (head, *workers):
        assert all(isinstance(value, str) for value in group["rayStartParams"].values())
        pod = group["template"]["spec"]
        names = {volume["name"] for volume in pod.get("volumes", [])}
        for container in pod["containers"]:
            images.add(container["image"])
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= names
            assert container["resources"]["requests"] == container["resources"]["limits"]
    assert len(images) == 1, "all machines must have the same version"
    assert all(group["minReplicas"] <= group["replicas"] <= group["maxReplicas"] for group in workers)
    assert INSTALLS in text


@pytest.mark.parametrize("name", ["ray-up.yaml", "kuberay.yaml"])
def test_the_command_in_the_file_is_one(name: str) -> None:
    (command,) = re.findall(r"pmmc (check \S+\.yaml [^'\n]*)", (FOLDER / name).read_text(encoding="utf-8"))
    assert parser().parse_args(command.split()).cluster == "auto"
