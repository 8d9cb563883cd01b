"""The service as a whole: clients signed in, the server before them, everything closed in order at the end."""

from __future__ import annotations

from collections.abc import Callable
from time import time

from sekisho.errors import UsageError
from sekisho.flow.answering.step_up import served
from sekisho.vault import Vault
from sekisho.web.app import App
from sekisho.web.clients import Clients
from sekisho.web.desk import Desk
from sekisho.web.guard import Guard
from sekisho.web.server import Tls, answer, server
from sekisho.wording import Text


def serve(
    vault: Vault,
    clients: Clients,
    address: tuple[str, int],
    tls: Tls | None,
    ready: Callable[[int], None],
    tell: Callable[[Text], None],
    pause: float,
) -> None:
    """Answer ``clients`` until the process is asked to end. ``ready`` hears of the port, ``tell`` of alarms.

    Raises UsageError, InputError, RightsError, VaultError, MachineError.
    """
    if not vault.acting.actor:
        raise UsageError(
            Text(
                "Each client acts as an actor of the vault, and it has none.",
                "接続元ごとの利用者がまだ登録されていません。",
            ),
            Text(
                "Add some: `sekisho actor add NAME --role counter --new-key-file FILE`, then give --as.",
                "`sekisho actor add 名前 --role counter --new-key-file FILE` で追加し、--as を指定してください。",
            ),
        )
    served(vault, clients=len(clients.all), tls=tls is not None, begins=True)
    with Desk(vault, clients, Guard(time, pause), tell) as desk, server(App(desk), address, tls, tell) as made:
        answer(made, ready)
    served(vault, clients=len(clients.all), tls=tls is not None, begins=False)
