"""The real gateway, which kills itself at the first of a transition.

    dying_gateway.py HOME NAME [DOCUMENT…]

`NAME*14` is the fourteenth of them: those that come before wait for it, so that one kill meets
fourteen deliveries at the same moment.

It submits the documents first, as an ERP would, to Northstar and under their file names as keys.

With GATEWAY_SERVES set it goes on until it is killed, for those who connect to it, and does what
lines on its standard input say: `die NAME`, and `submit DOCUMENT`.

It ends as a power cut would end it: SIGKILL, no handler, no flush. It prints the name of each
transition, and `done` for each line. Run as a program of its own.
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
    name, _, times = name.partition("*")
    deadly = {name}
    together = threading.Barrier(int(times or 1))

    def observe(event: Event) -> None:
        if event.name == name:
            together.wait()
        if event.name in deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(1, f"{event.name}\n".encode())  # one call: threads do not mix their lines

    configure_logs(Logging(level="error"))
    with composition.open_instance(Path(home), observer=observe) as app, app.running():
        for document in documents:
            submit(app, document)
        if SERVING in os.environ:
            commands = threading.Thread(target=obey, args=(app, deadly), daemon=True)
            commands.start()
            app.receive_until(threading.Event())
        app.drain(threading.Event())
        app.pipeline.run_scheduled("sweep", 0)  # as the clock would, in half a minute


def submit(app: composition.App, document: str) -> None:
    content = orjson.loads(Path(document).read_bytes())
    app.pipeline.submit(Submission(content, "northstar-3pl", key=Path(document).name))


def obey(app: composition.App, deadly: set[str]) -> None:
    os.write(1, b"ready\n")
    for line in sys.stdin:
        command, what = line.split()
        if command == "die":
            deadly.add(what)
        else:
            submit(app, what)
        os.write(1, b"done\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
