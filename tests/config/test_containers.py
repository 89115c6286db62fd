"""What docker-compose.yml and the Dockerfile promise, as far as it can be read. `make compose-test` runs
them.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from django.test import override_settings

CHECKOUT = Path(__file__).resolve().parents[2]
TEXT = (CHECKOUT / "docker-compose.yml").read_text()
FILE = yaml.safe_load(TEXT)
SERVICES = FILE["services"]
LASTING = sorted(set(SERVICES) - {"migrate"})
OF_OURS = sorted(name for name, service in SERVICES.items() if service["image"] == "${IMAGE:-cadence}")
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()


def test_everything_that_the_service_consists_of_is_there():
    assert sorted(SERVICES) == sorted(
        ["proxy", "web-a", "web-b", "live-a", "live-b", "worker", "beat-a", "beat-b", "migrate"]
        + ["postgres", "redis", "mail"]
    )


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_is_confined(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] not in ("", "root", "0")
    assert "privileged" not in service
    assert "network_mode" not in service


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_has_its_limits(name):
    service = SERVICES[name]
    assert service["mem_limit"]
    assert service["cpus"]
    assert service["pids_limit"] > 0
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


@pytest.mark.parametrize("name", LASTING)
def test_whatever_lasts_has_a_health_check_and_comes_back(name):
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_migrations_end_by_themselves_and_everything_that_reads_tables_waits_for_them():
    assert SERVICES["migrate"]["restart"] == "no"
    awaited = {name for name in OF_OURS if "migrate" in SERVICES[name].get("depends_on", {})}
    assert awaited == set(OF_OURS) - {"migrate", "mail"}
    for name in awaited:
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_no_secret_is_in_the_file_and_none_has_a_default():
    for name, service in SERVICES.items():
        for setting, value in (service.get("environment") or {}).items():
            if re.search(r"SECRET|PASSWORD|TOKEN|KEY|DATABASE_URL|REDIS_URL", setting):
                empty = value in (None, "${" + setting + ":-}")
                assert empty or re.fullmatch(r"/run/secrets/\w+", value), (name, setting)
    assert not re.search(r"://[^/\s$]+:[^/\s@$]+@", TEXT)


def test_each_service_reads_the_secrets_that_it_needs_and_no_others():
    read = {name: service.get("secrets", []) for name, service in SERVICES.items()}
    ours = ["secret_key", "database_url", "redis_url"]
    assert read == {
        **dict.fromkeys(("web-a", "web-b", "live-a", "live-b", "worker", "beat-a", "beat-b"), ours),
        "migrate": ["secret_key", "owner_url", "redis_url"],
        "postgres": ["superuser_password", "owner_url", "database_url"],
        "redis": ["redis_url"],
        "proxy": ["tls.pem"],
        "mail": [],
    }


def test_only_migrations_come_as_the_owner_of_the_tables():
    addresses = {name: SERVICES[name].get("environment", {}).get("DATABASE_URL_FILE") for name in OF_OURS}
    assert addresses.pop("migrate") == "/run/secrets/owner_url"
    assert addresses.pop("mail") is None
    assert set(addresses.values()) == {"/run/secrets/database_url"}


def test_only_the_proxy_is_reached_from_outside_and_the_servers_reach_nothing():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert FILE["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis", "mail"):
        assert SERVICES[name]["networks"] == ["inside"]
    assert SERVICES["proxy"]["networks"] == ["outside"]


def test_every_image_can_be_replaced():
    images = {name: service["image"] for name, service in SERVICES.items() if name not in OF_OURS}
    assert set(images) == {"proxy", "postgres", "redis"}
    for name, image in images.items():
        assert re.fullmatch(r"\$\{" + name.upper() + r"_IMAGE:-[a-z]+:\d[\d.]*\}", image)
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases == ["${PYTHON_IMAGE}", "${PYTHON_IMAGE}"]
    (default,) = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert SERVICES["migrate"]["build"]["args"]["PYTHON_IMAGE"] == "${PYTHON_IMAGE:-" + default + "}"


def test_the_image_runs_as_nobody_with_an_account():
    (uid,) = re.findall(r"useradd --system --uid (\d+)", DOCKERFILE)
    assert {SERVICES[name]["user"] for name in OF_OURS} == {uid}
    assert DOCKERFILE.rindex("\nUSER cadence\n") > DOCKERFILE.rindex("\nFROM ")


@pytest.mark.parametrize("name", OF_OURS)
def test_every_command_exists(name):
    command = SERVICES[name]["command"].split()
    programs = {"ops/serve-web", "python", "celery", "granian"}
    assert command[0] in programs
    for word in command:
        path = CHECKOUT / word
        if "/" in word and not word.startswith("/"):
            assert os.access(path, os.X_OK)
        elif word.endswith(".py"):
            assert path.exists()
        elif word.startswith("config"):
            assert (
                CHECKOUT / (word.partition(":")[0].replace(".", "/") + ".py")
            ).exists() or word == "config"


def test_what_a_service_mounts_from_the_checkout_is_there():
    mounted = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    assert sorted(mounted) == [
        "./ops/postgres:/docker-entrypoint-initdb.d:ro",
        "./ops/proxy:/etc/cadence:ro",
        "postgres:/var/lib/postgresql",
    ]
    assert (CHECKOUT / "ops" / "postgres" / "roles.sh").exists()
    assert (CHECKOUT / "ops" / "proxy" / "haproxy.cfg").exists()


def test_secrets_are_made_once_each_different_and_kept(tmp_path):
    def make():
        told = {
            **os.environ,
            "SECRETS_DIR": str(tmp_path / "secrets"),
            "PUBLIC_URL": "https://book.example:8443",
        }
        subprocess.run([CHECKOUT / "ops" / "make-secrets"], env=told, check=True, capture_output=True)
        return {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}

    made = make()
    assert {f"/run/secrets/{name}" for name in made} >= {f"/run/secrets/{name}" for name in FILE["secrets"]}
    assert sorted(made) == sorted(FILE["secrets"])
    words = [re.findall(r"[0-9a-f]{64}", made[name]) for name in sorted(made) if name != "tls.pem"]
    assert len({word for (word,) in words}) == len(words) == 5
    assert made["tls.pem"].count("-----BEGIN") == 2
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert make() == made


def test_a_process_that_is_about_to_stop_says_so(client, tmp_path):
    mark = tmp_path / "stopping"
    with override_settings(STOPPING_MARK=str(mark)):
        assert client.get("/healthz").status_code == 200
        mark.touch()
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"status": "stopping"})


def test_a_roll_restarts_everything_of_which_there_are_two_and_the_worker():
    (named,) = re.findall(r"\$\{\*:-([a-z -]+)\}", (CHECKOUT / "ops" / "roll").read_text())
    with_a_second = [name for name in SERVICES if name.endswith(("-a", "-b"))]
    assert sorted(named.split()) == sorted([*with_a_second, "worker"])


def test_nobody_is_sent_away_while_a_part_restarts():
    """A web process is still served by for longer than the proxy takes to see that it stops."""
    proxy = (CHECKOUT / "ops" / "proxy" / "haproxy.cfg").read_text()
    assert "server-template web 16 web:8000 check inter 1s fastinter 500ms fall 2" in proxy
    (drain,) = re.findall(r"DRAIN_SECONDS:-(\d+)", (CHECKOUT / "ops" / "serve-web").read_text())
    assert int(drain) >= 2 * (1 + 0.5)
    for name in ("web-a", "web-b"):
        assert SERVICES[name]["networks"]["outside"] == {"aliases": ["web"]}
        assert (
            int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > int(drain) + 30
        )  # a statement's longest


def test_everything_is_startable_without_containers_by_the_commands_that_are_written_down():
    """The same commands as in the containers, but for where a process listens."""
    page = (CHECKOUT / "docs" / "operations.md").read_text()
    written = page.partition("## Without containers")[2].partition("\n## ")[0]
    for name in ("live-a", "worker", "beat-a", "migrate"):
        command = SERVICES[name]["command"].replace("${WORKER_CONCURRENCY:-2}", "2")
        bare = re.sub(r"--host \S+ --port \d+ ", "", command)
        assert f".venv/bin/{bare}" in re.sub(r"--host \S+ --port \d+ ", "", written)
    assert f" {SERVICES['web-a']['command']}\n" in written
    unit = (CHECKOUT / "ops" / "systemd" / "cadence-web@.service").read_text()
    assert f"ExecStart=/srv/cadence/{SERVICES['web-a']['command']}\n" in unit


def test_every_setting_reaches_the_containers_but_those_that_have_no_use_there():
    known = re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', (CHECKOUT / "config" / "settings.py").read_text())
    handed_on = {name.removesuffix("_FILE") for name in SERVICES["web-a"]["environment"]}
    of_a_demo = {"DEMO", "DEBUG", "OUTBOX_DIR"}
    of_the_image = {"STATIC_ROOT", "STOPPING_MARK", "LIVE_URL", "ALLOWED_HOSTS"}
    on_a_disk = {"BREACHED_PASSWORDS_FILE"}  # wants a volume as well, by an override file
    assert set(known) - handed_on == of_a_demo | of_the_image | on_a_disk
