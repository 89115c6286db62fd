"""docker-compose.yml under a project name of its own, with secrets of its own, brought up and taken down."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from config.processes import free_port
from tests.compose import stand_in
from tests.compose.engine import compose_command, run, succeeds
from tests.compose.telling import expect, say

COMPOSE_FILE = Path(__file__).resolve().parents[2] / "docker-compose.yml"
PROJECT = "cadence-compose-test"
#: Of docker-compose.yml, without those that end by themselves.
WEBS, LIVES, BEATS = ("web-a", "web-b"), ("live-a", "live-b"), ("beat-a", "beat-b")
LASTING = (*WEBS, *LIVES, "worker", *BEATS, "proxy", "postgres", "redis", "mail")


class Installation:
    """What a person would type, and what they would look at."""

    def __init__(self) -> None:
        self.compose = compose_command()
        self.secrets = Path(tempfile.mkdtemp(prefix="compose-test-"))
        port = free_port()
        self.url = f"https://localhost:{port}"
        self.environment = {
            "COMPOSE_PROJECT_NAME": PROJECT,
            "COMPOSE_PROFILES": "mail",
            "COMPOSE_IGNORE_ORPHANS": "1",
            "COMPOSE": " ".join(self.compose),
            "DOCKER_BUILDKIT": os.environ.get("DOCKER_BUILDKIT", "0"),
            "IMAGE": PROJECT,
            "SECRETS_DIR": str(self.secrets),
            "PUBLIC_URL": self.url,
            "HTTPS_PORT": f"127.0.0.1:{port}",
            "HTTP_PORT": f"127.0.0.1:{free_port()}",
            "EMAIL_URL": "smtp://mail:1025",
        }

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def plain_port(self) -> int:
        return int(self.environment["HTTP_PORT"].rpartition(":")[2])

    def choose_images(self) -> None:
        """What the environment names; else those of the file, where a registry answers; else stand-ins."""
        if all(name in os.environ for name in stand_in.ROLES.values()):
            return
        say("asking the image registry (half a minute at most)")
        smallest, *others = sorted(set(re.findall(r"_IMAGE:-([^}]+)", COMPOSE_FILE.read_text())))
        if succeeds("docker", "pull", "--quiet", smallest, seconds=30):
            for image in others:
                run("docker", "pull", "--quiet", image)
            return
        say("no registry answers, so base images are made here from Debian's packages")
        self.environment |= stand_in.images()

    def do(self, *words: str, seconds: float = 1800) -> str:
        """`docker-compose WORDS`, as whoever runs the installation types it."""
        command = [*self.compose, "--file", str(COMPOSE_FILE), *words]
        return run(*command, environment=self.environment, seconds=seconds)

    def tool(self, name: str, *words: str) -> str:
        """One of the programs in ops/."""
        return run(COMPOSE_FILE.parent / "ops" / name, *words, environment=self.environment)

    def inside(self, service: str, *words: str) -> str:
        """What a command prints in a container that runs."""
        return self.do("exec", "-T", service, *words)

    def python(self, script: str) -> str:
        """What a script prints in a web container, with its settings."""
        name = self.inspect("web-a")["Id"]
        told = ("--env", "DJANGO_SETTINGS_MODULE=config.settings")
        return run("docker", "exec", *told, name, "python", "-c", script)

    def inspect(self, service: str) -> dict[str, Any]:
        (container,) = self.do("ps", "-q", service).split()
        return json.loads(run("docker", "inspect", container))[0]

    def is_healthy(self, service: str) -> bool:
        state = self.inspect(service)["State"]
        return state["Running"] and state["Health"]["Status"] == "healthy"

    def all_healthy(self) -> bool:
        return all(self.is_healthy(service) for service in LASTING)

    def kill(self, service: str) -> int:
        """SIGKILL, as the kernel does when memory runs out; returns how often it had been restarted before.

        From beside the container: after `docker kill` the engine takes it for one that a person has stopped.
        """
        facts = self.inspect(service)
        aside = ["docker", "run", "--rm", "--pid", "host", "--user", "0", PROJECT]
        run(*aside, "sh", "-c", f"kill -9 {facts['State']['Pid']}")
        return int(facts["RestartCount"])

    def has_returned(self, service: str, *, restarts: int) -> bool:
        """Whether it has been restarted since, by the engine alone, and is well."""
        return self.inspect(service)["RestartCount"] > restarts and self.is_healthy(service)

    def mails(self, address: str) -> list[str]:
        """What the mail catcher has for an address, oldest first."""
        one = f"grep -q 'To: .*{address}' $mail && cat $mail && printf '\\f'"
        script = f"for mail in /tmp/*.eml; do {one}; done; true"
        return [mail for mail in self.inside("mail", "sh", "-c", script).split("\f") if mail.strip()]

    def down(self) -> None:
        say("taking everything down")
        self.do("down", "--volumes", "--timeout", "20")
        left = run("docker", "ps", "-aq", "--filter", f"label=com.docker.compose.project={PROJECT}").split()
        expect("no container is left", left == [], seen=left)
        if not os.environ.get("KEEP_IMAGES"):
            succeeds("docker", "image", "rm", PROJECT)
            stand_in.remove()
        shutil.rmtree(self.secrets)
