"""Mail goes to a mailbox on a real socket."""

from tests.notifications.conftest import mailbox

__all__ = ["mailbox"]
