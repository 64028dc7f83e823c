"""`gateway partners new`: a draft of a partner's file, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from jinja2 import Environment, StrictUndefined
from rich.markup import escape

from gateway import config
from gateway.cli.new_partner_questions import WAYS, Agreed, Questions, Way, agreements
from gateway.cli.terminal import ExitCode, Home, fail, remarks, results
from gateway.errors import ConfigProblems
from gateway.partners.fields import NAME

_TEMPLATE = Path(__file__).parent / "instance" / "new-partner.yaml.j2"


_NEXT = {
    Way.FOLDER: "let payloads be put into sftp_inbox/{partner}/in",
    Way.SFTP: "put our private key into secrets/{partner}-ssh-key, then "
    "`gateway partners trust-host {partner} main{where}`",
    Way.FTPS: "put the password into secrets/{partner}-ftp-password",
    Way.DROP_BOX: "{key}write 'sftp_server:' in gateway.yaml, if it is not there",
    Way.AS2: "put the partner's certificate into certificates/{partner}.pem once you have compared "
    "its fingerprint, and write 'as2:' and 'server:' in gateway.yaml; then "
    "`gateway as2 ping {partner}{where}`",
    Way.HTTP: "make a key in secrets/{partner}-api-key, and write 'server:' in gateway.yaml",
}


_LACKING = ("drop_box", "nobody can post", "has no 'as2'", "certificates[0].file")
"""What is said of a draft that only lacks a key, a certificate or a server of ours."""


def new_partner(  # noqa: PLR0913 - each is an option of the command
    partner: Annotated[str, typer.Argument(help="Short name, such as quayside-3pl.")],
    home: Home = Path(),
    name: Annotated[str, typer.Option(help="Name for people.")] = "",
    identity: Annotated[
        str, typer.Option(help="ISA05/06 as qualifier/id, such as ZZ/QUAYSIDE.")
    ] = "",
    gs: Annotated[str, typer.Option(help="GS02/03, if it differs from the id.")] = "",
    sends: Annotated[str, typer.Option(help="Sets it sends us, such as 945,856.")] = "",
    receives: Annotated[str, typer.Option(help="Sets we send it, such as 940.")] = "",
    version: Annotated[str, typer.Option(help="GS08.")] = "004010",
    way: Annotated[
        str, typer.Option(metavar="WAY", help=f"How payloads come and go: {WAYS}.")
    ] = "",
    host: Annotated[str, typer.Option(help="For sftp and ftps: the partner's server.")] = "",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="For sftp and ftps: if not the usual one.")
    ] = None,
    user: Annotated[str, typer.Option(help="For sftp and ftps: our user name there.")] = "",
    email: Annotated[str, typer.Option(help="The partner's EDI desk.")] = "",
    as2_id: Annotated[str, typer.Option(help="For as2: what the partner calls itself.")] = "",
    url: Annotated[str, typer.Option(help="For as2: where it takes messages.")] = "",
    public_key: Annotated[
        Path | None, typer.Option(help="For drop-box: a file with the partner's public key.")
    ] = None,
) -> None:
    """Write a draft of a partner's file, in test; what is not given is asked for."""
    _require_plain(
        partner=partner, name=name, identity=identity, gs=gs, sends=sends, receives=receives,
        version=version, host=host, user=user, email=email, as2_id=as2_id, url=url,
    )  # fmt: skip
    instance = config.load(home, maps_too=False)
    target = home / "partners" / f"{partner}.yaml"
    if partner in instance.partners or target.exists():
        fail(f"{target} is there already")
    given = {"name": name, "identity": identity, "sends": sends, "receives": receives,
             "way": way, "host": host, "user": user, "as2_id": as2_id, "url": url}  # fmt: skip
    answers = Questions(instance, partner).answered(given)
    qualifier, _, id_ = answers["identity"].partition("/")
    agreed = agreements(instance, partner, answers["sends"], answers["receives"])
    text = _rendered(
        **answers, partner=partner, qualifier=qualifier, id=id_, gs=gs, email=email, port=port,
        strictness="note_errors", version=version, their_out="/outbound", their_in="/inbound",
        public_keys=_keys(public_key), agreements=agreed,
    )  # fmt: skip
    _write(home, target, text)
    if answers["way"] == Way.FOLDER:
        _make_folders(home, partner)
    results().print("\n".join(_written(target, agreed)), soft_wrap=True)
    remarks().print(_next_steps(partner, Way(answers["way"]), home, has_key=public_key is not None))


def _written(target: Path, agreed: Sequence[Agreed]) -> Iterator[str]:
    """Yield what was written, and which maps and guides that were there its agreements name."""
    yield f"[green]✓[/] {escape(str(target))}"
    for one in agreed:
        found = [] if not one.map or one.map == f"base-{one.set}" else [f"map {one.map}"]
        found += [f"guide {one.guide}"] if one.guide else []
        if found:
            told = f"{one.set} {one.direction}: {' and '.join(found)}, found in the instance"
            yield f"  [dim]{told}[/]"


def _make_folders(home: Path, partner: str) -> None:
    """Make the partner's folders now: people put their first file there before anything runs."""
    instance = config.load(home, maps_too=False)
    one = instance.partners[partner]
    for folder in (instance.inbound_folder(one), instance.outbound_folder(one)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            fail(f"{folder} cannot be made: {fault.strerror or fault}")


def _require_plain(partner: str, **options: str) -> None:
    """Stop at what cannot be data of a partner's file, before anything is asked or written."""
    try:
        NAME.check(partner)
    except ValueError as fault:
        fail(str(fault))
    for option, value in options.items():
        if not value.isprintable():
            fail(f"--{option.replace('_', '-')}: {value!r} has characters that cannot be shown")


def _keys(path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    except (OSError, UnicodeDecodeError) as fault:
        fail(f"{path} cannot be read: {fault}")


def _rendered(**values: object) -> str:
    # It writes YAML, not HTML; values are checked when the file is read back.
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )  # fmt: skip
    # A JSON string is one of YAML too: whatever a person types is data, and nothing else.
    environment.filters["quoted"] = partial(json.dumps, ensure_ascii=False)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(values)


def _write(home: Path, target: Path, text: str) -> None:
    """Write the draft, and keep it only where nothing but what a draft lacks is wrong with it."""
    try:
        target.parent.mkdir(exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
        config.load(home, maps_too=False)
    except OSError as fault:
        fail(f"{target} cannot be written: {fault.strerror or fault}")
    except ConfigProblems as fault:
        problems = _ours(fault, target)
        if any(not any(words in one for words in _LACKING) for one in problems):
            target.unlink()
            fail("\n".join(problems), ExitCode.FINDINGS)


def _ours(fault: ConfigProblems, target: Path) -> Sequence[str]:
    return [str(one) for one in fault.problems if one.file.endswith(f"/{target.name}")]


def _next_steps(partner: str, way: Way, home: Path, *, has_key: bool) -> str:
    where = f" --home {escape(str(home))}" if home != Path() else ""
    key = "" if has_key else "write the partner's public key under 'drop_box', and "
    steps = (
        _NEXT[way].format(partner=partner, where=where, key=key),
        f"`gateway partners check {partner}{where}`: what is agreed, and what is still missing",
        f"`gateway partners test {partner}{where}`: try the connection, step by step",
        f"`gateway validate FILE{where}` with a sample of theirs; a map in maps/ where it deviates",
        "a route for its documents in routes.yaml, if none takes them yet",
        f"`gateway partners promote {partner}{where}` when both sides are content",
    )
    lines = [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
    return "\nNext:\n" + "\n".join(lines)
