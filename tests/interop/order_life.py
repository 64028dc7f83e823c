"""An instance between a retailer, a warehouse and Tryton: what each of them sends and gets."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from gateway import resources
from gateway.cli.init import write_instance
from tests import programs
from tests.integration.world import wait_for
from tests.interop.tryton import PASSWORD, Tryton
from tests.programs import Program

RETAILER, WAREHOUSE = "bluebird-retail", "northstar-3pl"
PATIENCE = 120.0

ROUTES = """\
rules: []
next:
  # What the warehouse shipped is announced (856) to the customer, once Tryton has it.
  - name: announce
    when: {document: shipping_advice}
    after: tryton-shipments
    body: {template: connectors/tryton/shapes/advice-856.json.j2}
    to: bluebird-retail
"""

EXPORTS = {
    "warehouse-orders": """\
export: warehouse-orders
extends: connectors/tryton/exports/shipments.yaml
schedule: {every: 5s}
partner: northstar-3pl
""",
    "invoices": """\
export: invoices
extends: connectors/tryton/exports/invoices.yaml
schedule: {every: 5s}
""",
}

ORDER = """\
ISA*00*          *00*          *08*BLUEBIRD       *12*5550100200     *260302*0915*U*00401*{number:09}*0*P*>~
GS*PO*BLUEBIRD*HARBORRTL*20260302*0915*{number}*X*004010~
ST*850*0001~
BEG*00*SA*{order}**20260302~
DTM*010*20260309~
N1*BY*Bluebird Retail*92*0041~
N1*ST*Bluebird Distribution Center 3*92*D003~
N3*900 Commerce Loop~
N4*Fernley*NV*89408*US~
PO1*1*24*EA*12.4**SK*0045512*VN*LMP-100~
PID*F****Table lamp, brass~
CTT*1~
SE*11*0001~
GE*1*{number}~
IEA*1*{number:09}~
"""  # noqa: E501

ADVICE = """\
ISA*00*          *00*          *ZZ*NORTHSTAR      *ZZ*HARBORGOODS    *260309*0915*U*00401*{number:09}*0*P*>~
GS*SW*NORTHSTARWH*HARBORGOODS*20260309*0915*{number}*X*004010UCS~
ST*945*0001~
W06*F*NS-{shipment}*20260309*BOL-{number}*NS-{number}*{order}~
N1*SF*Northstar Fulfillment*93*NSD2~
N1*CN*Bluebird Distribution Center 3*94*00003~
N3*900 Commerce Loop~
N4*Fernley*NV*89408*US~
W27*U*UPSN*UPS GROUND*TP~
LX*1~
MAN*AI*00000614141000000017~
W12*SH*24*24**EA**VN*LMP-100~
G69*Table lamp, brass~
W03*24*67.2*KG~
SE*13*0001~
GE*1*{number}~
IEA*1*{number:09}~
"""  # noqa: E501


@dataclass
class OrderLife:
    """The gateway's home, Tryton, and the gateway where it runs."""

    home: Path
    erp: Tryton
    url: str
    """Where the gateway finds Tryton."""
    answered: set[str] = field(default_factory=set)
    """Files of ours that were acknowledged by their receivers."""

    @classmethod
    def make(cls, home: Path, erp: Tryton, *, url: str = "", settings: str = "") -> OrderLife:
        """Write an instance with the connector and what a company says beside it.

        `url`: where the gateway finds Tryton, if not where it is; `settings`: more destinations.
        """
        write_instance(home, stable_for="100ms")
        connector = resources.directory("connectors") / "tryton"
        shutil.copytree(connector, home / "connectors" / "tryton")
        (home / "routes.yaml").write_text(ROUTES)
        # Its orders have Tryton's numbers, and not those that the guide wants of the warehouse.
        warehouse = home / "partners" / f"{WAREHOUSE}.yaml"
        lines = warehouse.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith('    guide: "945"')]
        assert len(kept) == len(lines) - 1
        warehouse.write_text("".join(kept), "utf-8")
        (home / "exports").mkdir()
        for name, text in EXPORTS.items():
            (home / "exports" / f"{name}.yaml").write_text(text)
        with (home / "gateway.yaml").open("a") as file:
            file.write(settings)
        return cls(home, erp, url or erp.url)

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what the connector needs to be given."""
        return {
            **os.environ,
            "TRYTON_URL": f"{self.url}/harbor",
            "TRYTON_KEY": self.erp.rest_key,
            "TRYTON_USER": "admin",
            "TRYTON_PASSWORD": PASSWORD,
        }

    def start(self) -> Program:
        """Start the gateway."""
        words = ("gateway", "run", "--home", str(self.home))
        with (self.home / "gateway.log").open("ab") as log:
            return programs.start(*words, environment=self.environment, stdout=log, stderr=log)

    def gateway(self, *words: str) -> str:
        """Run a command and return what it prints."""
        whole = ("gateway", *words, "--home", str(self.home))
        done = programs.run(*whole, environment=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def drop(self, partner: str, name: str, text: str) -> None:
        """Put a file into a partner's inbox, whole at once."""
        inbox = self.home / "sftp_inbox" / partner / "in"
        (inbox / f"{name}.tmp").write_text(text)
        (inbox / f"{name}.tmp").rename(inbox / name)

    def out(self, partner: str, set_id: str) -> list[Path]:
        """Return the files with such a set that a partner can fetch, oldest first."""
        folder = self.home / "sftp_inbox" / partner / "out"
        wanted = f"ST*{set_id}*".encode()
        files = [path for path in folder.iterdir() if not path.name.endswith(".tmp")]
        return sorted(path for path in files if wanted in path.read_bytes())

    def wait_for_set(self, partner: str, set_id: str, count: int = 1) -> list[Path]:
        """Wait until a partner has so many files with such a set."""
        wait_for(lambda: len(self.out(partner, set_id)) >= count, PATIENCE)
        return self.out(partner, set_id)

    def acknowledge(self, partner: str, file: Path, number: int) -> None:
        """Have the partner's system answer a file of ours with its 997."""
        if file.name in self.answered:
            return
        # Whoever reads the file writes the answer: no instance, so the strict standard.
        words = ("gateway", "ack", str(file), "--control-number", str(number))
        done = programs.run(*words, folder=self.home.parent)
        assert done.stdout, done.stderr
        self.drop(partner, f"997-{number}.edi", done.stdout)
        self.answered.add(file.name)

    def documents(self, **filters: str) -> list[dict[str, object]]:
        """Return documents as `gateway documents list` tells of them."""
        options = [word for name, value in filters.items() for word in (f"--{name}", value)]
        found = orjson.loads(self.gateway("documents", "list", "--json", *options))
        assert isinstance(found, list)
        return found
