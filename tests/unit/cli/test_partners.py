"""Onboarding a partner: a draft, what is agreed, and a trial of its connection on a real server."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway import config
from gateway.cli.check_partner import ways
from gateway.cli.init import write_instance
from gateway.cli.new_partner_questions import Questions
from tests.sftp_server import CLIENT_KEY, USER, SftpServer, fingerprint, sftp_server
from tests.unit.cli.test_validate import run
from tests.unit.partners.agreements import partner

NEW = ("--name", "Quayside", "--identity", "ZZ/QUAYSIDE", "--sends", "945", "--receives", "940")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_instance(tmp_path / "instance")
    return tmp_path / "instance"


def new(home: Path, *options: object, name: str = "quayside-3pl") -> tuple[int, str, str]:
    return run("partners", "new", name, "--home", home, *NEW, *options)


@pytest.mark.parametrize("way", ["folder", "sftp", "ftps", "drop-box", "http"])
def test_a_draft_for_each_way_is_a_partner_in_test(home: Path, way: str) -> None:
    settings = home / "gateway.yaml"
    settings.write_text(settings.read_text() + "server: {port: 8081}\nsftp_server: {port: 2223}\n")
    key = home / "key.pub"
    key.write_text(CLIENT_KEY.export_public_key("openssh").decode())
    options = ("--way", way, "--host", "localhost", "--user", USER, "--public-key", key)
    code, out, err = new(home, *options)
    assert code == 0, err
    assert out == f"✓ {home}/partners/quayside-3pl.yaml\n"
    assert "`gateway partners test quayside-3pl" in err
    drafted = config.load(home, maps_too=False).partners["quayside-3pl"]
    assert [(one.label, one.map, one.stage) for one in drafted.agreements] == [
        ("in 945 004010", "base-945", "test"),
        ("out 940 004010", "base-940", "test"),
    ]


def sample_of(home: Path, *, usage: str) -> Path:
    """Return a sound 945 of the example, as if the new partner had sent it."""
    source = home / "samples" / "northstar-3pl" / "945-parcels-by-third-party.edi"
    content = source.read_bytes().replace(b"NORTHSTAR      ", b"QUAYSIDE       ")
    content = content.replace(b"*75.0000\n", b"*7500\n")  # a deviation of the example's
    file = home / "945.edi"
    file.write_bytes(content[:102] + usage.encode() + content[103:])
    return file


@pytest.mark.parametrize("usage", ["P", "T"])
def test_a_draft_takes_the_first_test_file_of_the_partner(home: Path, usage: str) -> None:
    assert new(home, "--way", "folder")[0] == 0
    code, out, err = run("validate", sample_of(home, usage=usage), "--home", home)
    assert code == 0, out + err


def test_a_usage_that_was_not_agreed_is_said_without_the_set_again(home: Path) -> None:
    assert new(home, "--way", "folder")[0] == 0
    code, out, _ = run("validate", sample_of(home, usage="I"), "--home", home)
    assert code == 1
    said = "partner 'quayside-3pl' agreed on 945 with usage P, T, not I"
    assert said in out
    assert f"{said}, found" not in out


TYPED = [
    'Quay "side" \\ 3PL',
    "Quay: side # 3PL",
    "{curly}, [square]",
    "'single'",
    "<&> ünïcödé 🚚",
    "{{ 7 * 7 }}",
    "${env:HOME}",
    "- yes",
    "!!python/object:os.system",
    "x}, {name: x",
]


@pytest.mark.parametrize("typed", TYPED)
def test_what_a_person_types_is_data_and_nothing_else(home: Path, typed: str) -> None:
    code, _, err = new(home, "--name", typed, "--way", "folder")
    assert code == 0, err
    assert config.load(home, maps_too=False).partners["quayside-3pl"].name == typed


@pytest.mark.parametrize("typed", ["Quay\nowner: evil", "Quay\x1b[31m", "Quay\u2028side", "a\tb"])
@pytest.mark.parametrize("option", ["--name", "--user", "--email", "--gs", "--host"])
def test_what_cannot_be_shown_is_refused(home: Path, option: str, typed: str) -> None:
    code, _, err = new(home, "--way", "sftp", option, typed)
    assert code == 2
    assert f"{option}: {typed!r} has characters that cannot be shown" in " ".join(err.split())
    assert not (home / "partners" / "quayside-3pl.yaml").exists()


@pytest.mark.parametrize(
    ("option", "typed"),
    [
        ("--host", 'h}"] , x: y'),
        ("--version", '004010", map: evil'),
        ("--identity", 'ZZ", x: "/Q'),
    ],
)
def test_what_does_not_fit_is_refused_in_its_own_place(home: Path, option: str, typed: str) -> None:
    code, _, err = new(home, "--way", "sftp", "--host", "h.example", "--user", "u", option, typed)
    assert code == 1
    assert "does not fit" in err
    assert not (home / "partners" / "quayside-3pl.yaml").exists()


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/b", "", "A", "a b", "-a", "a" * 65])
def test_a_short_name_never_leads_out_of_the_folder(home: Path, name: str) -> None:
    code, _, err = run("partners", "new", "--home", home, *NEW, "--way", "folder", "--", name)
    assert code == 2, err
    assert "does not fit; expected small letters, digits" in " ".join(err.split())
    assert not list(home.parent.glob("**/evil.yaml"))


def test_a_draft_over_as2_waits_for_a_certificate_and_a_key_of_ours(home: Path) -> None:
    where = ("--as2-id", "QUAYSIDE-AS2", "--url", "https://edi.quayside.example/as2")
    code, _, err = new(home, "--way", "as2", *where)
    assert code == 0, err
    assert "put the partner's certificate into certificates/quayside-3pl.pem" in " ".join(
        err.split()
    )
    code, out, _ = run("partners", "check", "quayside-3pl", "--home", home)
    assert code == 1
    assert "certificates/quayside-3pl.pem" in out


def test_a_draft_that_waits_for_a_key_or_a_server_is_kept(home: Path) -> None:
    assert new(home, "--way", "drop-box")[0] == 0
    code, out, _ = run("partners", "check", "quayside-3pl", "--home", home)
    assert code == 1
    assert "drop_box" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--identity", "QUAYSIDE"), "--identity: 'QUAYSIDE' does not fit; expected qualifier/id"),
        (("--identity", "ZZ/NORTHSTAR"), "identity ZZ/NORTHSTAR is one of partner"),
        (("--sends", "941"), "there is no schema for '941' in version 004010"),
        (
            ("--receives", "997"),
            "there is no map that writes 997; there are maps for 180, 810, 820, 824, 846, 850, 855",
        ),
        (("--sends", "", "--receives", ","), "expected at least one set in --sends or --receives"),
    ],
)
def test_a_draft_that_cannot_be_is_refused_and_not_written(
    home: Path, options: tuple[str, ...], said: str
) -> None:
    code, _, err = new(home, "--way", "folder", *options)
    assert code != 0
    assert said in err
    assert not (home / "partners" / "quayside-3pl.yaml").exists()


def test_a_draft_of_sets_without_a_map_is_complete_and_says_what_becomes_of_them(
    home: Path,
) -> None:
    code, _, err = new(home, "--way", "folder", "--sends", "997", "--receives", "940")
    assert code == 0, err
    text = (home / "partners" / "quayside-3pl.yaml").read_text()
    assert "# No map translates it yet: validated, acknowledged, kept" in text
    first, second = config.load(home, maps_too=False).partners["quayside-3pl"].agreements
    assert (first.set, first.map, second.set, second.map) == ("997", None, "940", "base-940")
    code, out, _ = run("partners", "check", "quayside-3pl", "--home", home)
    assert (code, "none: becomes x12_set" in out) == (0, True)


def test_a_draft_of_folders_makes_them_so_that_a_first_file_can_be_put_there(home: Path) -> None:
    assert new(home, "--way", "folder")[0] == 0
    assert (home / "sftp_inbox" / "quayside-3pl" / "in").is_dir()
    assert (home / "sftp_inbox" / "quayside-3pl" / "out").is_dir()


def test_a_partner_that_is_there_is_never_overwritten(home: Path) -> None:
    before = (home / "partners" / "northstar-3pl.yaml").read_bytes()
    code, _, err = new(home, "--way", "folder", name="northstar-3pl")
    assert code == 2
    assert "northstar-3pl.yaml is there already" in err
    assert (home / "partners" / "northstar-3pl.yaml").read_bytes() == before


def test_without_a_terminal_what_is_missing_is_named(home: Path) -> None:
    code, _, err = run("partners", "new", "quayside-3pl", "--home", home, "--way", "as2")
    assert code == 2
    assert " ".join(err.split()) == (
        "error: nobody can be asked here; expected "
        "--identity (ISA05/06 as qualifier/id, such as ZZ/QUAYSIDE); "
        "--as2-id (What the partner calls itself on AS2); "
        "--url (Where it takes messages, such as https://edi.partner.example/as2); "
        "--sends or --receives (sets such as 945,856)"
    )


class Terminal(io.StringIO):
    """Where a person types."""

    def isatty(self) -> bool:
        return True


def test_each_answer_is_checked_where_it_is_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = (
        "",
        "QUAYSIDE",
        "ZZ/NORTHSTAR",
        "ZZ/QUAYSIDE",
        "post",
        "drop_box",
        "941",
        "945",
        "997",
        "",
    )
    monkeypatch.setattr("sys.stdin", Terminal("\n".join(typed) + "\n"))
    nothing = dict.fromkeys(
        ("name", "identity", "sends", "receives", "way", "host", "user", "as2_id", "url"), ""
    )
    questions = Questions(config.load(home, maps_too=False), "quayside-3pl")
    assert questions.answered(nothing) == nothing | {
        "name": "quayside-3pl",
        "identity": "ZZ/QUAYSIDE",
        "way": "drop-box",
        "sends": "945",
    }
    out, err = capsys.readouterr()
    assert [line.partition(";")[0] for line in err.splitlines() if line] == [
        "'QUAYSIDE' does not fit",
        "identity ZZ/NORTHSTAR is one of partner 'northstar-3pl'",
        "'post' does not fit",
        "there is no schema for '941' in version 004010",
        "there is no map that writes 997",
    ]
    assert "How payloads come and go: folder, sftp, ftps, drop-box, http, as2 [folder]: " in out


def test_a_draft_has_the_port_and_the_next_steps_name_the_instance(home: Path) -> None:
    code, _, err = new(home, "--way", "sftp", "--host", "h.example", "--user", USER, "--port", 2022)
    assert code == 0, err
    connection = config.load(home, maps_too=False).partners["quayside-3pl"].connections["main"]
    assert connection.address == "h.example:2022"
    assert f"`gateway partners trust-host quayside-3pl main --home {home}`" in err


def test_a_key_that_was_given_is_no_next_step(home: Path) -> None:
    key = home / "key.pub"
    key.write_text(CLIENT_KEY.export_public_key("openssh").decode())
    code, _, err = new(home, "--way", "drop_box", "--public-key", key)
    assert code == 0, err
    assert "public key" not in err
    assert "1. write 'sftp_server:' in gateway.yaml, if it is not there" in err


def test_a_partner_over_as2_posts_to_us_and_is_sent_to_at_its_whole_address(home: Path) -> None:
    connection = {
        "type": "as2",
        "as2_id": "QUAYSIDE-AS2",
        "url": "https://edi.quayside.example/as2/in",
        "certificates": [{"file": "certificates/quayside-3pl.pem"}],
    }
    them = partner(connections={"main": connection}, send={"connection": "main"})
    assert ways(config.load(home, maps_too=False), them) == [
        "posts to /as2 as QUAYSIDE-AS2",
        "we send to as2 https://edi.quayside.example/as2/in",
    ]


def test_the_list_and_the_check_say_how_payloads_come_and_go(home: Path) -> None:
    new(home, "--way", "sftp", "--host", "sftp.quayside.example", "--user", USER)
    code, out, _ = run("partners", "list", "--json", "--home", home)
    assert code == 0
    ways = {one["partner"]: one["ways"] for one in json.loads(out)}
    assert ways["northstar-3pl"] == [
        "drops into sftp_inbox/northstar-3pl/in",
        "we put into sftp_inbox/northstar-3pl/out",
    ]
    assert ways["quayside-3pl"] == [
        "picks up from sftp sftp.quayside.example:22 /outbound",
        "we send to sftp sftp.quayside.example:22 /inbound",
    ]
    code, out, _ = run("partners", "check", "quayside-3pl", "--home", home)
    assert code == 0
    assert "945 → us" in out
    assert "secret file secrets/quayside-3pl-ssh-key cannot be read" in out
    assert "no host key is pinned" in out
    assert "base-945" in out


def on_server(home: Path, server: SftpServer, *, pinned: str) -> None:
    """Write a partner whose connection leads to a server of this test."""
    new(home, "--way", "sftp", "--host", "127.0.0.1", "--user", USER)
    file = home / "partners" / "quayside-3pl.yaml"
    text = file.read_text().replace(
        '    host: "127.0.0.1"\n', f"    host: 127.0.0.1\n    port: {server.port}\n"
    )
    file.write_text(text.replace("    key: ", f"    host_keys: ['{pinned}']\n    key: "))
    secret = home / "secrets" / "quayside-3pl-ssh-key"
    secret.write_bytes(CLIENT_KEY.export_private_key("openssh"))


def steps(home: Path, *options: str) -> tuple[int, list[str]]:
    code, out, err = run("partners", "test", "quayside-3pl", "--json", "--home", home, *options)
    assert out, err
    return code, [f"{one['step']}: {one['fault'] or one['tried']}" for one in json.loads(out)]


def test_a_trial_shows_each_step_and_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "theirs"
    for folder in ("inbound", "outbound"):
        (root / folder).mkdir(parents=True)
    (root / "outbound" / "945.edi").write_bytes(b"ISA")
    with sftp_server(root) as server:
        on_server(home, server, pinned=fingerprint())
        assert steps(home) == (
            0,
            [
                "name: 127.0.0.1 is 127.0.0.1",
                f"port: 127.0.0.1 answers on port {server.port}",
                f"login: logged in to 127.0.0.1:{server.port}",
                "list: /outbound holds 1 file",
                "write: write a probe in /inbound: done",
                "rename: rename a probe in /inbound: done",
                "delete: delete a probe in /inbound: done",
            ],
        )
        assert list((root / "inbound").iterdir()) == []
        assert len(steps(home, "--read-only")[1]) == 4


def test_a_trial_ends_at_a_host_key_that_is_not_pinned(home: Path, tmp_path: Path) -> None:
    with sftp_server(tmp_path) as server:
        on_server(home, server, pinned="SHA256:" + "A" * 43)
        code, told = steps(home)
        assert code == 1
        assert len(told) == 3
        assert told[2].startswith(
            f"login: 127.0.0.1:{server.port} shows the host key ssh-ed25519 {fingerprint()}, and "
            "another one is pinned: nothing was sent."
        )


def test_a_trial_goes_on_where_a_folder_is_missing_or_a_right_is(
    home: Path, tmp_path: Path
) -> None:
    root = tmp_path / "theirs"
    (root / "inbound").mkdir(parents=True)
    with sftp_server(root) as server:
        server.faults.denied = {"rename", "posix_rename"}
        on_server(home, server, pinned=fingerprint())
        code, told = steps(home)
        assert code == 1
        assert [line.partition(":")[0] for line in told] == [
            "name", "port", "login", "list", "write", "rename", "delete",
        ]  # fmt: skip
        assert "the administrator does not allow it" in told[5]
        assert list((root / "inbound").iterdir()) == []


def test_a_port_that_nobody_listens_on_is_told_with_what_to_do(home: Path) -> None:
    new(home, "--way", "sftp", "--host", "127.0.0.1", "--user", USER)
    file = home / "partners" / "quayside-3pl.yaml"
    file.write_text(
        file.read_text().replace('    host: "127.0.0.1"\n', "    host: 127.0.0.1\n    port: 1\n")
    )
    code, out, _ = run("partners", "test", "quayside-3pl", "--home", home)
    assert code == 1
    assert out.splitlines()[1:] == [
        "✗ main: port connecting to 127.0.0.1 port 1",
        "    Connection refused",
        "    is the port right, does a firewall let us out, has the partner let our address in?",
    ]


def test_a_partner_with_folders_has_nothing_to_try(home: Path) -> None:
    assert run("partners", "test", "northstar-3pl", "--home", home) == (
        0,
        "",
        "'northstar-3pl' comes and goes through folders: there is nothing to try.\n",
    )
    assert run("partners", "test", "nobody", "--home", home)[2] == (
        "error: there is no partner 'nobody'\n"
    )


def test_a_password_is_hashed_so_that_the_server_takes_it() -> None:
    code, out, _ = run("partners", "hash-password", "--password", "anchor")
    assert code == 0
    assert out.startswith("$2b$")
    assert run("partners", "hash-password", "--password", "x" * 73)[0] == 2


def test_the_configuration_for_openssh_names_users_keys_and_folders(home: Path) -> None:
    assert run("partners", "sshd-config", "--home", home)[2] == (
        "error: no partner has a 'drop_box'\n"
    )
    settings = home / "gateway.yaml"
    settings.write_text(settings.read_text() + "sftp_server: {}\n")
    key = home / "key.pub"
    key.write_text(CLIENT_KEY.export_public_key("openssh").decode())
    assert new(home, "--way", "drop-box", "--public-key", key)[0] == 0
    code, out, err = run("partners", "sshd-config", "--home", home)
    assert code == 0, err
    lines = out.splitlines()
    assert "Match User quayside-3pl" in lines
    assert f"    ChrootDirectory {home}/sftp_inbox/quayside-3pl" in lines
    assert "    ForceCommand internal-sftp -u 0007 -l INFO" in lines
    assert "    PasswordAuthentication no" in lines
    assert any(line.startswith("#   ssh-ed25519 AAAA") for line in lines)


def test_openssh_understands_the_configuration_for_it(home: Path) -> None:
    where = f"/usr/sbin:{os.environ.get('PATH', '')}"
    program, keygen = (shutil.which(name, path=where) for name in ("sshd", "ssh-keygen"))
    if program is None or keygen is None:
        pytest.skip("OpenSSH's server is not installed on this machine")
    settings = home / "gateway.yaml"
    settings.write_text(settings.read_text() + "sftp_server: {}\n")
    key = home / "key.pub"
    key.write_text(CLIENT_KEY.export_public_key("openssh").decode())
    assert new(home, "--way", "drop-box", "--public-key", key)[0] == 0
    subprocess.run([keygen, "-qt", "ed25519", "-N", "", "-f", home / "host"], check=True)
    _, printed, _ = run("partners", "sshd-config", "--home", home)
    (home / "sshd_config").write_text(f"HostKey {home}/host\n{printed}")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # it looks at nothing as root without it
    wanted = ["-C", "user=quayside-3pl,host=x,addr=192.0.2.1"]
    done = subprocess.run(
        [program, "-T", "-f", home / "sshd_config", *wanted],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for line in (
        f"chrootdirectory {home}/sftp_inbox/quayside-3pl",
        "forcecommand internal-sftp -u 0007 -l INFO",
        "passwordauthentication no",
        "allowtcpforwarding no",
        "permittty no",
    ):
        assert line in done.stdout.splitlines()
