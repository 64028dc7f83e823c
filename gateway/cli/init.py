"""`gateway init`: a folder that works at once, made of the files that come with the product."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import config, resources
from gateway.cli.schemas import copy_schemas
from gateway.cli.terminal import fail, remarks, results

_OURS = Path(__file__).parent / "instance"
DEFAULT_PORT = 8090
"""Where the destinations of a new instance expect the ERP; `gateway receiver` listens there."""

_FIRST_SAMPLE = "northstar-3pl", "945-parcels-by-third-party.edi"
"""Partner and file of the sample that is tried first: a sound one."""


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
) -> None:
    """Make a working instance: settings, example partners, routes, folders, samples."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        fail(f"{directory} is there already and not empty")
    try:
        write_instance(directory)
    except OSError as fault:
        fail(f"{directory} cannot be written: {fault.strerror or fault}")
    instance = config.load(directory, maps_too=False)
    console = results()
    console.print(
        f"[green]✓[/] {escape(str(directory))} is an instance with "
        f"{len(instance.partners)} partners: {', '.join(sorted(instance.partners))}",
    )
    remarks().print(_next_steps(directory))


def write_instance(home: Path, *, port: int = DEFAULT_PORT, stable_for: str = "1s") -> None:
    """Write the files of an instance whose ERP listens on a port of this machine."""
    home.mkdir(parents=True, exist_ok=True)
    settings = (_OURS / "gateway.yaml").read_text(encoding="utf-8")
    settings = settings.replace(f"127.0.0.1:{DEFAULT_PORT}", f"127.0.0.1:{port}")
    settings = settings.replace("stable_for: 1s", f"stable_for: {stable_for}")
    (home / "gateway.yaml").write_text(settings, encoding="utf-8")
    shutil.copyfile(_OURS / "routes.yaml", home / "routes.yaml")
    shutil.copytree(_OURS / "partners", home / "partners", dirs_exist_ok=True)
    shutil.copytree(resources.directory("partners"), home / "partners", dirs_exist_ok=True)
    shutil.copytree(resources.directory("samples"), home / "samples", dirs_exist_ok=True)
    # Partners' own maps are there to be copied and changed; base maps stay the product's.
    for example in resources.directory("partners").glob("*.yaml"):
        shutil.copytree(resources.directory("maps") / example.stem, home / "maps" / example.stem)
    # For editors: the first line of a file names its schema by a path within the instance.
    copy_schemas(home)
    (home / "certificates").mkdir(exist_ok=True)
    _write_token(home / "secrets" / "erp-token")
    instance = config.load(home, maps_too=False)
    for partner in instance.partners.values():
        instance.inbound_folder(partner).mkdir(parents=True, exist_ok=True)
        instance.outbound_folder(partner).mkdir(parents=True, exist_ok=True)


def _write_token(path: Path) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(24) + "\n", encoding="ascii")


def _next_steps(home: Path) -> str:
    where = escape(str(home))
    partner, sample = _FIRST_SAMPLE
    return (
        "\nNext, in two terminals:\n"
        f"  gateway receiver --token-file {where}/secrets/erp-token   [dim]# plays the ERP[/]\n"
        f"  gateway run --home {where}\n"
        "then drop a file and look:\n"
        f"  cp {where}/samples/{partner}/{sample} {where}/sftp_inbox/{partner}/in/\n"
        f"  gateway documents list --home {where}\n"
        "A partner of your own is a file in partners/ and, where it deviates, a map in maps/:\n"
        "copy those of the example that resembles it."
    )
