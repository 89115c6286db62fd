"""`make compose-test`: docker-compose.yml for real. Up, a course booked through the proxy, every part
rolled and killed under a stream of requests, and down again.

KEEP_IMAGES=1 keeps the images for the next run, KEEP_UP=1 leaves everything running for a look.
"""

from __future__ import annotations

import os
import sys
import time

from tests.compose.callers import Caller, Stream, book_as_a_patient, desk_token
from tests.compose.engine import engine, run
from tests.compose.installation import BEATS, LASTING, PROJECT, Installation
from tests.compose.looking import Watcher, confined, proxied, rights
from tests.compose.telling import expect, figure, figures, say, until

#: In the order in which they die. With what dies the service cannot answer, for as long as that takes.
VICTIMS = ("web-a", "live-a", "worker", *BEATS, "redis", "postgres", "proxy")


def main() -> int:
    with engine():
        installation = Installation()
        try:
            bring_up(installation)
            series = book_as_a_patient(installation)
            token = desk_token(installation)
            confined(installation)
            rights(installation)
            proxied(installation)
            Watcher(installation).hears(series, Caller(installation, token))
            booked = roll(installation, token) + kill_each(installation, token)
            prove(installation, token, [series, *booked])
        except BaseException:
            print(installation.do("logs", "--tail", "15"), file=sys.stderr)
            raise
        finally:
            if not os.environ.get("KEEP_UP"):
                installation.down()
    say("done. Figures:")
    for name, value in figures:
        print(f"  {name:44} {value}")
    return 0


def bring_up(installation: Installation) -> None:
    """From nothing to a page by HTTPS, and a made-up clinic to book at."""
    installation.choose_images()
    say("making secrets")
    installation.tool("make-secrets")
    say("building the image (some minutes the first time)")
    began = time.monotonic()
    installation.do("build")
    figure("building the image", f"{time.monotonic() - began:.0f} s")
    size = int(run("docker", "image", "inspect", "--format", "{{.Size}}", PROJECT))
    figure("size of the image", f"{size / 1e6:.0f} MB, its base included")
    say("bringing everything up")
    began = time.monotonic()
    installation.do("up", "--detach", "--no-build")
    stranger = Caller(installation)
    until("a page is answered", lambda: stranger.ask("GET", "/")[0] == 200, seconds=300)
    figure("from `up` to the first page", f"{time.monotonic() - began:.1f} s")
    until("every container is healthy", installation.all_healthy, seconds=600)
    figure("from `up` to all healthy", f"{time.monotonic() - began:.1f} s")
    say("setting up a made-up clinic")
    once = ("run", "--rm", "-T", "-e", "DEMO=1", "-e", "DEMO_PATIENTS=4")
    installation.do(*once, "worker", "python", "manage.py", "load_demo")


def roll(installation: Installation, token: str) -> list[str]:
    """Restart everything that has a second, and the worker, and lose nothing."""
    say("restarting one after the other, under a stream of requests (minutes)")
    with Stream(installation, token) as stream:
        time.sleep(3)
        installation.tool("roll")
    figure("requests during the roll", f"{stream.asked}, the slowest {stream.slowest:.2f} s")
    figure("lost during the roll", str(sum(stream.lost.values())))
    expect("no request was lost by the roll", not stream.lost, seen=stream.lost)
    expect("courses were booked meanwhile", len(stream.booked) > 0)
    return stream.booked


def kill_each(installation: Installation, token: str) -> list[str]:
    """SIGKILL for one after the other; each returns by itself. Only who books by the web process that dies
    notices anything, and everybody while PostgreSQL or the proxy is away.
    """
    booked = []
    for victim in VICTIMS:
        stream = kill(installation, victim, token)
        lost = stream.lost
        if victim == "web-a":
            lost = {what: n for what, n in lost.items() if what.startswith("GET")}
        if victim not in ("postgres", "proxy"):
            expect("nobody noticed who need not", not lost, seen=lost)
        until("pages are answered again", lambda: Caller(installation).ask("GET", "/")[0] == 200, seconds=60)
        booked += stream.booked
    return booked


def kill(installation: Installation, victim: str, token: str) -> Stream:
    """Kill it under a stream of requests, until the engine has restarted it and it is well."""
    say(f"killing {victim}")
    with Stream(installation, token) as stream:
        time.sleep(2)
        began, restarts = time.monotonic(), installation.kill(victim)
        until(f"{victim} is back", lambda: installation.has_returned(victim, restarts=restarts), seconds=600)
        away = time.monotonic() - began
        time.sleep(3)
    lost = sum(stream.lost.values())
    figure(f"{victim} killed", f"well after {away:.0f} s; {lost} of {stream.asked} requests unanswered")
    return stream


def prove(installation: Installation, token: str, booked: list[str]) -> None:
    """What was answered is there, the diary keeps every rule, the journal is whole, mail went out once."""
    until("every container is healthy", installation.all_healthy, seconds=600)
    caller = Caller(installation, token)
    missing = [one for one in booked if caller.ask("GET", f"/api/v1/series/{one}/")[0] != 200]
    expect(f"all {len(booked)} courses that were answered as booked are there", not missing, seen=missing)
    for command in ("check_diary", "verify_journal"):
        say(installation.inside("worker", "python", "manage.py", command).strip().splitlines()[0])
    mails = installation.mails("nell@mail.example")
    twice = len(mails) - len({mail.partition("Message-ID:")[2].splitlines()[0] for mail in mails})
    expect("of two beats no mail came twice", twice == 0, seen=mails)
    expect("all of it still runs", [one for one in LASTING if not installation.is_healthy(one)] == [])


if __name__ == "__main__":
    sys.exit(main())
