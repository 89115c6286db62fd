"""Base images made here from Debian's packages, for where no image registry can be reached.

They stand in for the official ones as far as docker-compose.yml counts on those: the same programs, under
accounts of the same names. What this machine trusts, and its own index of packages, go with them and nowhere
else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.compose.engine import run, succeeds
from tests.compose.telling import CannotRun, figure, say

HERE = Path(__file__).resolve().parent / "images"
BASE = "cadence-stand-in/debian"
SUITE = "trixie"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
#: How programs in the image find what this machine trusts, and where it takes its packages from.
TRUST = ("PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
HANDED_ON = ("PIP_INDEX_URL", "NPM_CONFIG_REGISTRY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
#: Which of docker-compose.yml's images each stands in for.
ROLES = {
    "python": "PYTHON_IMAGE",
    "postgres": "POSTGRES_IMAGE",
    "redis": "REDIS_IMAGE",
    "proxy": "PROXY_IMAGE",
}


def images() -> dict[str, str]:
    """The images as docker-compose.yml is told them, made unless an earlier run has left them."""
    names = {role: f"cadence-stand-in/{role}" for role in ROLES}
    for role, name in names.items():
        if not succeeds("docker", "image", "inspect", name):
            if not succeeds("docker", "image", "inspect", BASE):
                _import()
            say(f"building {name} from Debian's packages")
            recipe = str(HERE / f"{role}.Dockerfile")
            run(
                "docker",
                "build",
                "--tag",
                name,
                "--file",
                recipe,
                str(HERE),
                environment={"DOCKER_BUILDKIT": "0"},
            )
        size = int(run("docker", "image", "inspect", "--format", "{{.Size}}", name))
        figure(f"size of {name}", f"{size / 1e6:.0f} MB")
    return {ROLES[role]: name for role, name in names.items()}


def remove() -> None:
    """Give the room back that the stand-ins take."""
    for name in (*(f"cadence-stand-in/{role}" for role in ROLES), BASE):
        if succeeds("docker", "image", "inspect", name):
            run("docker", "image", "rm", name)


def _import() -> None:
    if os.geteuid() or not shutil.which("debootstrap"):
        raise CannotRun(
            "compose-test: no image registry answers, and base images from Debian's packages need "
            "debootstrap, and root: apt-get install debootstrap. Or name images that are here: PYTHON_IMAGE, "
            "POSTGRES_IMAGE, REDIS_IMAGE, PROXY_IMAGE."
        )
    say(f"making a base from Debian {SUITE} (about a minute)")
    mirror = run("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages").split()[0]
    with tempfile.TemporaryDirectory(prefix="stand-in-") as scratch:
        root = Path(scratch) / "root"
        run("debootstrap", "--variant=minbase", "--include=ca-certificates", SUITE, str(root), mirror)
        shutil.copyfile(CERTIFICATES, root / CERTIFICATES.relative_to("/"))
        shutil.rmtree(root / "var/cache/apt/archives")
        told = dict.fromkeys(TRUST, str(CERTIFICATES))
        told |= {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        changes = [f"--change=ENV {name}={value}" for name, value in told.items()]
        with subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE) as archive:
            subprocess.run(
                ["docker", "import", *changes, "-", BASE],
                stdin=archive.stdout,
                check=True,
                stdout=subprocess.DEVNULL,
            )
