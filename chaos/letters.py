"""Every message three times, in any order, some before their case exists: each takes effect once.

Half of the letters come through the API, half through the webhook of their step, from four senders at once and at two servers.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from chaos.client import Client
from chaos.database import Sqlite, database
from chaos.diagrams import EXPECTING, LETTERS
from chaos.site import Site, site, until

TIMES = 3
SENDERS = 4
STUCK_AFTER = 60.0


def run(kind: str, folder: Path, *, seed: int, cases: int) -> dict[str, Any]:
    """So many cases that each expect three letters; `effects` counts how often each letter took effect."""
    with database(kind, folder) as base, site(base, folder, EXPECTING) as made:
        made.serve(processes=1 if isinstance(base, Sqlite) else 2)
        made.serve()
        made.work()
        client = Client(made.ports(), made.token, random.Random(seed))
        until(lambda: all(client.call("GET", "/readyz", port=port).status == 200 for port in made.ports()), 60, "servers are ready")
        client.close()
        answers = _send(made, seed, _deck(seed, cases))
        begun = time.monotonic()
        running = "SELECT count(*) FROM instance WHERE state = 'running'"
        while base.rows(running)[0][0] and time.monotonic() - begun < STUCK_AFTER:
            time.sleep(0.1)
        waited = time.monotonic() - begun
        stuck = base.rows(running)[0][0]
        completed = "SELECT instance_id, element, count(*) FROM event WHERE type = 'element.completed' AND element LIKE 'recevoir%' GROUP BY 1, 2"
        effects = Counter(f"{number}×" for _, _, number in base.rows(completed))
        kept = Counter(row[0] for row in base.rows("SELECT state FROM message"))
        wrong = {str(status): number for status, number in answers.items() if status not in (201, 202)}
        holds = not stuck and not wrong and effects == {"1×": cases * len(LETTERS)} and kept == {"delivered": cases * len(LETTERS)}
        found = {"cases": cases, "deliveries": cases * len(LETTERS) * TIMES, "effects": dict(effects), "messages": dict(kept)}
        return found | {"stuck": stuck, "last_effect_after": round(waited, 1), "wrong_answers": wrong, "holds": holds}


def _deck(seed: int, cases: int) -> list[tuple[int, str]]:
    """What is sent, in its order: a case's number with the letter, or with nothing for its start."""
    deck = [(number, letter) for number in range(cases) for letter in ("", *(LETTERS * TIMES))]
    random.Random(seed).shuffle(deck)
    return deck


def _send(made: Site, seed: int, deck: list[tuple[int, str]]) -> Counter[int]:
    answers: Counter[int] = Counter()
    lock = threading.Lock()

    def sender(number: int) -> None:
        client = Client(made.ports(), made.token, random.Random(f"{seed}-{number}"))
        for case, letter in deck[number::SENDERS]:
            status = _deliver(client, case, letter, seed)
            with lock:
                answers[status] += 1
        client.close()

    threads = [threading.Thread(target=sender, args=(number,)) for number in range(SENDERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return answers


def _deliver(client: Client, case: int, letter: str, seed: int) -> int:
    if not letter:
        return client.start("expecting", {"numero": case}, f"{seed}-{case}").status
    mark = f"msg_{case}_{letter}"
    if (case + ord(letter)) % 2:
        message = {"name": f"lettre {letter}", "correlation": {"numero": case}, "payload": {"lu": letter}, "id": mark}
        return client.call("POST", "/api/v1/messages", message).status
    return client.call("POST", f"/hooks/expecting/recevoir_{letter}", {"correlation": {"numero": case}, "payload": {}}, {"webhook-id": mark}).status
