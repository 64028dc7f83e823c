"""`gateway maps watch`: what is looked at again when which file is saved, and how it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.init import write_instance
from gateway.cli.maps_watch import Watched
from tests.unit.cli.test_validate import run

ORDER = "W05*N*DO-1*PO1~N1*ST*SHOP*92*0042~LX*1~W01*10*EA**VN*SKU1~W76*10~"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_instance(tmp_path / "edi")
    own = tmp_path / "edi" / "maps" / "acme"
    own.mkdir(parents=True)
    (own / "940.map.yaml").write_text("map: acme-940\nextends: base-940\n")
    (own / "order.edi").write_text(ORDER)
    (own / "940.test.yaml").write_text(
        "map: acme-940\ncases:\n  - {name: an order, edi: order.edi, findings: []}\n"
    )
    return tmp_path / "edi"


def looked(watched: Watched, capsys: pytest.CaptureFixture[str]) -> tuple[bool, str]:
    """Look once; return whether all is right, and what was printed, without times."""
    assert watched.changed()
    fine = watched.round()
    printed = capsys.readouterr()
    return fine, re.sub(r"  [0-9:]{8}, \d+ ms", "", printed.out + printed.err)


def test_only_what_was_saved_is_looked_at_again(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = Watched(home, [])
    fine, first = looked(watched, capsys)
    assert fine
    assert "✓ acme-940  1 of 1 pass\n✓ bluebird-810  " in first
    assert not watched.changed()
    own = home / "maps" / "acme"
    (own / "940.map.yaml").write_text("map: acme-940\nextends: base-940\nkeys: []\n")
    assert looked(watched, capsys) == (True, "✓ acme-940  1 of 1 pass\n")
    (own / "order.edi").write_text(ORDER.replace("W76*10", "W76*11"))
    fine, said = looked(watched, capsys)
    assert not fine
    assert said.startswith("✗ acme-940  0 of 1 pass\n  ✗ an order (read)\n      --- expected\n")
    assert "      +total_differs W7601\n" in said
    tests = own / "940.test.yaml"
    tests.write_text(tests.read_text().replace("[]", "[total_differs W7601]"))
    fine, said = looked(watched, capsys)
    assert said.startswith("✓ acme-940  ")
    table = home / "tables" / "own.table.yaml"
    table.parent.mkdir(exist_ok=True)
    table.write_text("table: own\ncodes: {N: original}\n")
    assert looked(watched, capsys) == (True, ""), "no map names it"
    (own / "940.map.yaml").write_text(
        "map: acme-940\nextends: base-940\nfields: {status: {at: W0501, table: own}}\n"
    )
    assert looked(watched, capsys)[1].startswith("✓ acme-940  ")
    table.write_text("table: own\ncodes: {N: original, X: other}\n")
    assert looked(watched, capsys)[1].count("acme-940") == 1, "and no other map"


def test_a_wrong_file_is_an_error_line_until_it_is_saved_again(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = Watched(home, ["acme-940"])
    assert looked(watched, capsys) == (True, "✓ acme-940  1 of 1 pass\n")
    path = home / "maps" / "acme" / "940.map.yaml"
    sound = path.read_text()
    for wrong, said in (
        ("fields: {status: W0599}", "3:10: status: 'W0599': W05 has 7 elements, there is no "),
        ("fields: {", "4:1: did not find expected node content"),
        ("feilds: {}", "3:1: feilds: unknown key 'feilds' (did you mean 'fields'?)"),
    ):
        path.write_text(f"{sound}{wrong}\n")
        fine, told = looked(watched, capsys)
        assert not fine
        assert told.startswith(f"error: maps/acme/940.map.yaml:{said}")
    path.write_text(sound)
    assert looked(watched, capsys) == (True, "✓ acme-940  1 of 1 pass\n")
    path.write_text("{")
    assert not looked(watched, capsys)[0]
    path.write_text(sound)
    assert looked(watched, capsys) == (True, "✓ as it was before\n")
    path.unlink()
    fine, told = looked(watched, capsys)
    assert not fine
    assert told.startswith("error: there is no map 'acme-940'")


def test_a_look_at_once_has_an_exit_code(home: Path) -> None:
    code, out, err = run("maps", "watch", "acme-940", "--once", "--home", home)
    assert (code, err) == (0, "")
    assert out.startswith("✓ acme-940  1 of 1 pass  ")
    (home / "maps" / "acme" / "order.edi").write_text("W05*X~")
    assert run("maps", "watch", "acme-940", "--once", "--home", home)[0] == 1
    code, _, err = run("maps", "watch", "--once", "--home", home.parent)
    assert (code, err) == (
        2,
        f"error: there is no gateway.yaml in {home.parent}; `gateway init` makes an instance\n",
    )


def test_it_sees_a_save_and_ends_by_ctrl_c(home: Path) -> None:
    program = "from gateway.cli import main; main()"
    command = [sys.executable, "-c", program, "maps", "watch", "acme-940", "--home", str(home)]
    # As shells start what runs in the background: with Ctrl-C ignored.
    with subprocess.Popen(
        ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        assert watching.stdout.readline().startswith("✓ acme-940  1 of 1 pass")
        assert watching.stderr.readline() == "watching; Ctrl-C ends it\n"
        (home / "maps" / "acme" / "order.edi").write_text(ORDER.replace("PO1", "PO2"))
        assert watching.stdout.readline().startswith("✓ acme-940  1 of 1 pass")
        watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=60)
    assert watching.returncode == 0
    assert "Traceback" not in said
