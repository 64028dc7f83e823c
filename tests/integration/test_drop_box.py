"""A partner uploads over SFTP to a running gateway, and fetches the acknowledgment."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import asyncssh
import paramiko

from tests.erp import instance_of, receiving
from tests.integration.test_http_in import free_port
from tests.integration.test_reload import started
from tests.integration.world import wait_for
from tests.unit.cli.test_validate import run

PARTNER = "northstar-3pl"


def test_an_upload_is_taken_at_once_and_its_acknowledgment_can_be_fetched(tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    public = key.export_public_key("openssh").decode().strip()
    port = free_port()
    with receiving() as erp:
        # So long that only the word of the SFTP server can make it sooner.
        home = instance_of(erp, tmp_path / "instance", stable_for="1h")
        settings = home / "gateway.yaml"
        settings.write_text(settings.read_text() + f"\nsftp_server: {{port: {port}}}\n")
        partner = home / "partners" / f"{PARTNER}.yaml"
        partner.write_text(partner.read_text() + f"\ndrop_box: {{public_keys: ['{public}']}}\n")
        sample = home / "samples" / PARTNER / "945-parcels-by-third-party.edi"
        with started(home) as running:
            running.wait_for("sftp_server_listens", "SHA256:")
            transport = paramiko.Transport(("127.0.0.1", port))
            with closing(transport):
                identity = io.StringIO(key.export_private_key("openssh").decode())
                pkey = paramiko.Ed25519Key.from_private_key(identity)
                transport.connect(username=PARTNER, pkey=pkey)
                client = paramiko.SFTPClient.from_transport(transport)
                assert client is not None
                client.put(str(sample), "in/945.edi")
                wait_for(lambda: client.listdir("out") != [], seconds=30)
                [name] = client.listdir("out")
                assert b"~AK9*A*1*1*1~" in client.open(f"out/{name}").read()
                client.remove(f"out/{name}")
                wait_for(lambda: len(erp.documents) == 1, seconds=30)
                # What is stored may be read and delivered before it is put away.
                wait_for(lambda: client.listdir("archive"), seconds=30)
                [day] = client.listdir("archive")
                assert client.listdir(f"archive/{day}") == ["945.edi"]
            running.wait_for("sftp_session", "logout")
            assert running.stop() == 0
    code, out, err = run("partners", "sessions", PARTNER, "--home", home)
    assert code == 0, err
    verbs = [line.split()[2] for line in out.splitlines() if line.strip().startswith("20")]
    assert verbs == ["login", "upload", "fetch", "remove", "logout"]
