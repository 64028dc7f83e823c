"""The real gateway, which kills itself at the first of a transition.

    dying_gateway.py HOME NAME [DOCUMENT…]

It submits the documents first, as an ERP would, to Northstar and under their file names as keys.

With GATEWAY_SERVES set it goes on until it is killed, for those who connect to it.

It ends as a power cut would end it: SIGKILL, no handler, no flush. It prints the name of each
transition. Run as a program of its own.
"""

import os
import signal
import sys
import threading
from pathlib import Path

import orjson

from gateway import app as composition
from gateway.cli.logs import configure_logs
from gateway.config.settings import Logging
from gateway.pipeline.outbound.keeping import Submission
from gateway.pipeline.ports import Event

SERVING = "GATEWAY_SERVES"


def main(home: str, name: str, *documents: str) -> None:
    def observe(event: Event) -> None:
        if event.name == name:
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(1, f"{event.name}\n".encode())  # one call: threads do not mix their lines

    configure_logs(Logging(level="error"))
    with composition.open_instance(Path(home), observer=observe) as app, app.running():
        for document in map(Path, documents):
            content = orjson.loads(document.read_bytes())
            app.pipeline.submit(Submission(content, "northstar-3pl", key=document.name))
        if SERVING in os.environ:
            app.receive_until(threading.Event())
        app.drain(threading.Event())
        app.pipeline.run_scheduled("sweep", 0)  # as the clock would, in half a minute


if __name__ == "__main__":
    main(*sys.argv[1:])
