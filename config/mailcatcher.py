"""A mail server that delivers nothing: each mail becomes an `.eml` file, for a demo's outbox.

python -m config.mailcatcher FOLDER PORT        as a process of its own, until it is ended
"""

import asyncio
import logging
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

logging.getLogger("mail.log").setLevel(logging.ERROR)  # below, aiosmtpd tells whom each mail goes to


class Outbox:
    """aiosmtpd's handler. Names of files sort by the time of their arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        name = f"{time.time_ns()}-{uuid.uuid4().hex[:8]}.eml"
        draft = self.folder / f".{name}"
        draft.write_bytes(envelope.content if isinstance(envelope.content, bytes) else b"")
        draft.rename(self.folder / name)  # whoever lists the folder never reads half a mail
        return "250 Kept"


@contextmanager
def mailcatcher(folder: Path) -> Iterator[str]:
    """Catch mail into `folder` as long as the block lasts, and yield the EMAIL_URL that leads here."""
    folder.mkdir(parents=True, exist_ok=True)
    with mail_server(Outbox(folder)) as url:
        yield url


@contextmanager
def mail_server(handler: object) -> Iterator[str]:
    """Answer SMTP on a free port of this machine as aiosmtpd's `handler` says, and yield the EMAIL_URL."""
    # Listening starts in the thread too: the caller's own may be running another loop, as Playwright does.
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mail server", daemon=True)
    thread.start()
    listening = loop.create_server(lambda: SMTP(handler, hostname="localhost", loop=loop), "127.0.0.1", 0)
    try:
        server = asyncio.run_coroutine_threadsafe(listening, loop).result(5)
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        loop.call_soon_threadsafe(server.close)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _catch(folder: Path, port: int) -> None:
    handler, loop = Outbox(folder), asyncio.get_running_loop()
    # The other containers of docker-compose.yml, which alone reach it.
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost"), "0.0.0.0", port)  # noqa: S104
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_catch(Path(sys.argv[1]), int(sys.argv[2])))
