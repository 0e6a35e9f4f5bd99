"""Which processes a repository runs, and who restarts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.services import Services, read

COMPOSE = """
x-base: &base
  restart: unless-stopped
services:
  web:
    <<: *base
    image: web
  worker:
    image: worker
    restart: "no"
  queue:
    deploy: {restart_policy: {condition: on-failure}}
  debugger:
    profiles: [debug]
"""


def _told(path: str, text: str) -> dict[str, tuple[str, bool | None, bool]]:
    found = read(path, text)
    assert found is not None
    return {each.name: (each.policy, each.supervised, each.development) for each in found.services}


def test_compose_services_have_their_restart_policy() -> None:
    """Policies come through merge keys and deploy sections; a profile may be for developers."""
    assert _told("docker-compose.yml", COMPOSE) == {
        "web": ("unless-stopped", True, False),
        "worker": ("no", False, False),
        "queue": ("on-failure", True, False),
        "debugger": ("not set", False, True),
    }
    found = read("docker-compose.yml", COMPOSE)
    assert found is not None
    assert [each.line for each in found.services] == [5, 8, 11, 13]


def test_a_file_for_developers_is_marked() -> None:
    """A compose file whose name says dev or override runs nothing in production."""
    text = "services: {web: {restart: always}}"
    assert _told("docker-compose.dev.yml", text)["web"][2]
    assert _told("compose.override.yaml", text)["web"][2]
    assert not _told("compose.prod.yaml", text)["web"][2]


def test_systemd_units_restart_only_when_they_say_so() -> None:
    """`Restart=` decides; a one-shot unit is no service."""
    assert _told("ops/pay.service", "[Unit]\n[Service]\nExecStart=/x\nRestart=on-failure\n") == {
        "pay": ("on-failure", True, False)
    }
    assert _told("ops/pay.service", "[Service]\nExecStart=/x\n")["pay"] == ("no", False, False)
    assert read("ops/once.service", "[Service]\nType=oneshot\nRestart=no\n") is None


def test_pm2_apps_restart_unless_told_not_to() -> None:
    """The file is a program and is only looked through for names and switches."""
    text = (
        "module.exports = {apps: [{name: 'api', script: 'a.js'},\n"
        " {name: 'cron', script: 'c.js', autorestart: false}]}"
    )
    assert _told("ecosystem.config.js", text) == {
        "api": ("autorestart", True, False),
        "cron": ("autorestart: false", False, False),
    }


def test_supervisord_restarts_by_default() -> None:
    """Left out, `autorestart` is on for what ended unexpectedly."""
    text = "[program:a]\ncommand=x\n[program:b]\nautorestart=false\n"
    assert _told("supervisord.conf", text) == {
        "a": ("unexpected", True, False),
        "b": ("false", False, False),
    }


def test_a_procfile_leaves_it_to_the_platform() -> None:
    """What runs a Procfile is not known, so that it stays unknown."""
    assert _told("Procfile", "release: migrate\nweb: gunicorn app\n") == {
        "web": ("left to the platform", None, False)
    }


def test_kubernetes_workloads_are_supervised_and_bare_pods_are_not() -> None:
    """A Deployment is brought back, a pod by itself is not; templates are read by their kind."""
    text = (
        "kind: Deployment\nmetadata:\n  name: web\n---\nkind: Pod\nmetadata:\n  name: shell\n"
        "---\nkind: Job\nmetadata:\n  name: once\n"
    )
    assert _told("k8s/web.yaml", text) == {
        "web": ("Deployment", True, False),
        "shell": ("Pod, Always", False, False),
    }
    assert _told("chart/x/deploy/web.yaml", "kind: StatefulSet\nname: {{ .x }}\n") == {
        "web": ("StatefulSet", True, False)
    }


@pytest.mark.parametrize(
    "path",
    [
        "compose.yml",
        "a.service",
        "ecosystem.config.js",
        "supervisord.conf",
        "Procfile",
        "k8s/a.yml",
    ],
)
@given(
    text=st.text(max_size=200),
    alphabet=st.text(alphabet="[]{}:=\n services-&*<kindPod", max_size=200),
)
def test_any_text_is_read_without_a_failure(path: str, text: str, alphabet: str) -> None:
    """Odd content is none or a problem, never an exception."""
    for each in (text, alphabet, "services:\n" + alphabet, "kind: Pod\n" + alphabet):
        assert isinstance(read(path, each), Services | None)
