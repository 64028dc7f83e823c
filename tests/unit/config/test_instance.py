"""A sound instance: what its files mean, and what `gateway check` warns of."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway import config
from gateway.config import Instance
from gateway.errors import ConfigProblems
from gateway.pipeline.ports import DeliveryPolicy
from gateway.routing import Context
from gateway.x12.leniency import Leniency
from gateway.x12.model import Delimiters, InterchangeHeader
from tests.unit.config.instances import SECRETS, write, write_example
from tests.unit.config.test_broken import GATEWAY, PARTNER, ROUTES, G, P, R


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return config.load(write_example(tmp_path), SECRETS)


def _lines(home: Path, **files: str) -> list[str]:
    names = {"gateway": G, "partner": P, "routes": R}
    sound = {G: GATEWAY, P: PARTNER, R: ROUTES}
    changed = {names[key]: text for key, text in files.items()}
    return [str(warning) for warning in config.load(write(home, sound | changed), {}).warnings]


def test_the_example_of_the_documentation_is_sound(instance: Instance) -> None:
    assert instance.warnings == ()
    assert set(instance.partners) == {"northstar-3pl", "bluebird-retail"}


def test_folders_lie_below_the_home(instance: Instance, tmp_path: Path) -> None:
    partner = instance.partners["northstar-3pl"]
    assert instance.inbox == tmp_path / "sftp_inbox"
    assert instance.archive == tmp_path / "state/archive"
    assert instance.state == tmp_path / "state"
    assert instance.inbound_folder(partner) == tmp_path / "sftp_inbox/northstar-3pl/in"
    assert instance.outbound_folder(partner) == tmp_path / "sftp_inbox/northstar-3pl/out"


def test_a_partner_may_name_its_own_folders(tmp_path: Path) -> None:
    own = PARTNER + "folders: {in: drop/northstar, out: /srv/out}\n"
    home = write(tmp_path, {G: GATEWAY + "allow_absolute_paths: true\n", P: own, R: ROUTES})
    instance = config.load(home, {})
    partner = instance.partners["northstar"]
    assert instance.inbound_folder(partner) == tmp_path / "drop/northstar"
    assert instance.outbound_folder(partner) == Path("/srv/out")


def test_the_store_lies_in_the_home_unless_an_address_says_otherwise(
    instance: Instance, tmp_path: Path
) -> None:
    assert instance.store_url() == (
        "postgresql+psycopg://gateway:s3cr3t-db@db.harbor.example/gateway"
    )
    plain = config.load(write(tmp_path / "p", {G: GATEWAY, P: PARTNER, R: ROUTES}), {})
    assert plain.store_url() == f"sqlite:///{tmp_path}/p/state/gateway.db"


def test_each_partner_meets_the_identity_that_it_names(instance: Instance) -> None:
    assert instance.our_identity(instance.partners["northstar-3pl"]).id == "HARBORGOODS"
    retail = instance.our_identity(instance.partners["bluebird-retail"])
    assert (retail.id, retail.group_id) == ("5550100200", "HARBORRTL")


def test_leniencies_are_those_of_the_sender(instance: Instance) -> None:
    def header(qualifier: str, sender: str) -> InterchangeHeader:
        elements = ["ISA", *[""] * 16]
        elements[5:7] = [qualifier, sender.ljust(15)]
        return InterchangeHeader(elements, Delimiters())

    known = instance.leniency_of(header("01", "555123456"))
    assert known == Leniency(missing_last_terminator=True)
    assert instance.leniency_of(header("08", "BLUEBIRD")) == Leniency()
    assert instance.leniency_of(header("ZZ", "NOBODY")) == Leniency()


def test_an_owner_is_named_by_the_partner_or_by_the_instance(instance: Instance) -> None:
    assert instance.owner_of(instance.partners["northstar-3pl"]) == "warehouse-desk@harbor.example"
    assert instance.owner_of(instance.partners["bluebird-retail"]) == "edi@harbor.example"
    assert instance.owner_of(None) == "edi@harbor.example"


def test_a_destination_says_how_often_and_how_hard_it_is_asked(instance: Instance) -> None:
    assert instance.delivery_policy("erp") == DeliveryPolicy(
        attempts=20,
        first_pause=timedelta(seconds=5),
        longest_pause=timedelta(minutes=30),
        owner="erp-desk@harbor.example",
    )
    assert instance.delivery_policy("erp-test") == DeliveryPolicy(owner="edi@harbor.example")
    assert instance.destination("erp").timeout == timedelta(seconds=20)


def test_secrets_of_a_destination_are_read_for_its_transport(instance: Instance) -> None:
    headers = instance.destination("erp-test").revealed_headers(instance.vault)
    assert headers == {"X-Environment": "test", "X-Api-Key": "s3cr3t-key"}
    assert "s3cr3t" not in repr(instance)


def test_the_example_routes_by_its_rules(instance: Instance) -> None:
    order = {"document": "order", "lines": [{"ordered_quantity": "20000"}]}
    small = {"document": "order", "lines": [{"ordered_quantity": "2"}]}
    context = Context("bluebird-retail", "850", "P")
    assert instance.router.route(context, order).matched == (
        "large orders wait in the test system",
    )
    assert instance.router.route(context, small).destinations == ("erp",)


def test_a_map_of_the_instance_replaces_the_packaged_one(tmp_path: Path) -> None:
    own = {"maps/own/945.map.yaml": 'map: base-945\ntransaction_set: "945"\n'}
    home = write(tmp_path, {G: GATEWAY, P: PARTNER, R: ROUTES} | own)
    instance = config.load(home, {}, maps_too=False)
    assert instance.maps["base-945"].source.file == "maps/own/945.map.yaml"
    assert not instance.maps["base-945"].packaged
    assert instance.maps["base-940"].packaged


def test_a_folder_that_is_no_instance_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblems) as refused:
        config.load(tmp_path / "empty", {})
    assert str(refused.value) == (
        f"gateway.yaml:1:1: there is no gateway.yaml in {tmp_path}/empty; "
        "`gateway init` makes an instance"
    )


def test_a_missing_secret_is_a_warning_until_the_gateway_runs(tmp_path: Path) -> None:
    instance = config.load(write_example(tmp_path), {})
    lines = [
        "gateway.yaml:7:3: store.url: environment variable GATEWAY_DB_PASSWORD is not set",
        "gateway.yaml:14:26: destinations.erp.auth.token: "
        "environment variable ERP_TOKEN is not set",
    ]
    assert sorted(map(str, instance.warnings)) == sorted(lines)
    with pytest.raises(ConfigProblems) as refused:
        instance.require_secrets()
    assert str(refused.value).splitlines() == lines


def test_an_instance_with_its_secrets_may_start(instance: Instance) -> None:
    instance.require_secrets()


def test_tests_that_may_reach_production_are_warned_of(tmp_path: Path) -> None:
    assert _lines(
        tmp_path,
        partner=PARTNER.replace("direction: in", "direction: in\n    usage: [P, T]"),
        routes=ROUTES.replace("when: {usage: P}", "when: {set: '945'}"),
    ) == [
        "routes.yaml:2:5: rules[0]: may take 945 of partner 'northstar' with usage T, "
        "which never reaches a production destination: erp would refuse it"
    ]


def test_an_agreement_in_test_counts_as_a_test(tmp_path: Path) -> None:
    lines = _lines(
        tmp_path,
        partner=PARTNER.replace("direction: in", "direction: in\n    stage: test"),
        routes=ROUTES.replace("when: {usage: P}", "when: {partner: northstar}"),
    )
    assert [line[:60] for line in lines] == [
        "routes.yaml:2:5: rules[0]: may take 945 of partner 'northsta"
    ]


def test_tests_that_an_earlier_rule_takes_are_no_reason_to_warn(tmp_path: Path) -> None:
    routes = (
        "rules:\n  - {name: tests, when: {usage: T}, to: erp-test}\n  - {name: rest, to: erp}\n"
    )
    accepting = PARTNER.replace("direction: in", "direction: in\n    usage: [P, T]")
    assert _lines(tmp_path, partner=accepting, routes=routes) == []
    every = "mode: all\n" + routes
    assert len(_lines(tmp_path, partner=accepting, routes=every)) == 1


@pytest.mark.parametrize(
    ("routes", "line"),
    [
        (
            "rules:\n  - {name: any, to: [erp]}\n  - {name: tests, to: [erp-test]}\n",
            "routes.yaml:2:5: rules[0]: 'any' takes every document; no rule after it is ever asked",
        ),
        (
            "rules:\n  - {name: any, to: [erp]}\n",
            "gateway.yaml:8:3: destinations.erp-test: no rule sends anything here",
        ),
        (
            ROUTES.replace("{usage: P}", "{set: '856'}"),
            "routes.yaml:3:12: rules[0].when.set: no partner has an agreement to send 856",
        ),
        (
            ROUTES.replace("{usage: P}", "{usage: P, document: [shipping_advice, order]}"),
            "routes.yaml:3:50: rules[0].when.document[1]: no map of an agreement makes a document "
            "'order' of what this asks for",
        ),
    ],
)
def test_what_may_be_a_mistake_is_warned_of(tmp_path: Path, routes: str, line: str) -> None:
    assert _lines(tmp_path, routes=routes) == [line]


def test_a_set_that_no_rule_takes_is_warned_of_at_its_agreement(tmp_path: Path) -> None:
    assert _lines(
        tmp_path,
        partner=PARTNER.replace("direction: in", "direction: in\n    usage: [P, T]"),
        routes=ROUTES.replace("to: [erp-test]", "when: {usage: P}\n    to: [erp-test]"),
    ) == ["partners/northstar.yaml:6:5: agreements[0]: no rule takes 945 with usage T"]


def test_a_rule_of_another_kind_of_document_takes_no_such_set(tmp_path: Path) -> None:
    def routes(kind: str) -> str:
        return f"rules:\n  - {{name: some, when: {{document: {kind}}}, to: [erp, erp-test]}}\n"

    assert [
        line for line in _lines(tmp_path, routes=routes("order")) if "no rule takes" in line
    ] == ["partners/northstar.yaml:6:5: agreements[0]: no rule takes 945 with usage P"]
    assert "no rule takes" not in str(_lines(tmp_path, routes=routes("shipping_advice")))


@pytest.mark.parametrize(
    ("next_", "lines"),
    [
        (
            "{name: answer, when: {document: shipping_advice}, set: '824', body: {select: '@'}}",
            [
                "routes.yaml:{line}:5: next[0]: no agreement to send 824 to partner 'northstar', "
                "who sends this: its delivery would wait for a person; let `when: {partner: …}` "
                "name who gets one"
            ],
        ),
        ("{name: answer, when: {document: order}, set: '824', body: {select: '@'}}", []),
    ],
)
def test_an_answer_that_a_sender_may_not_be_sent_is_warned_of(
    tmp_path: Path, next_: str, lines: list[str]
) -> None:
    routes = f"{ROUTES}next:\n  - {next_}\n"
    last = routes.count("\n")
    assert _lines(tmp_path, routes=routes) == [line.replace("{line}", str(last)) for line in lines]


def test_a_version_that_another_ones_schema_judges_is_warned_of(tmp_path: Path) -> None:
    partner = PARTNER.replace("direction: in", "direction: in\n    version: 006020VICS")
    assert _lines(tmp_path, partner=partner) == [
        "partners/northstar.yaml:8:5: agreements[0].version: there is no schema for 945 in version "
        "006020: that of 005010, the nearest, judges its sets"
    ]


def test_a_set_without_a_map_that_no_rule_takes_or_keeps_is_warned_of(tmp_path: Path) -> None:
    bare = PARTNER.replace("    map: base-945\n", "")
    assert _lines(tmp_path, partner=bare) == [
        "partners/northstar.yaml:6:5: agreements[0]: no rule takes 945 with usage P, which no map "
        "translates; one that asks for x12_set would"
    ]
    for rule in ("when: {document: x12_set}, to: erp", "when: {set: '945'}, keep: true"):
        taken = ROUTES.replace("rules:\n", f"rules:\n  - {{name: bare sets, {rule}}}\n")
        assert _lines(tmp_path, partner=bare, routes=taken) == [], rule


def test_an_instance_without_partners_is_warned_of(tmp_path: Path) -> None:
    instance = config.load(write(tmp_path, {G: GATEWAY, R: ROUTES}), {})
    assert [str(warning) for warning in instance.warnings] == [
        "gateway.yaml:1:1: there is no partner; expected files in partners/"
    ]


def test_a_file_that_is_not_utf8_is_refused_at_its_line(tmp_path: Path) -> None:
    home = write(tmp_path, {G: GATEWAY, P: PARTNER, R: ROUTES})
    (home / P).write_bytes(b"partner: x\nname: caf\xe9\n")
    with pytest.raises(ConfigProblems) as refused:
        config.load(home, {})
    assert str(refused.value) == "partners/northstar.yaml:2:1: not UTF-8 text"


def test_missing_routes_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblems) as refused:
        config.load(write(tmp_path, {G: GATEWAY, P: PARTNER}), {})
    assert str(refused.value) == ("routes.yaml:1:1: cannot be read: No such file or directory")


def test_partners_with_one_identity_are_told_apart_by_file(tmp_path: Path) -> None:
    other = PARTNER.replace("partner: northstar", "partner: other")
    home = write(tmp_path, {G: GATEWAY, P: PARTNER, R: ROUTES, "partners/other.yaml": other})
    with pytest.raises(ConfigProblems) as refused:
        config.load(home, {})
    assert str(refused.value) == (
        "partners/other.yaml:4:5: identities[0]: "
        "identity ZZ/NORTHSTAR is one of partner 'northstar' already"
    )


def test_a_server_that_others_could_call_in_clear_text_is_warned_of(tmp_path: Path) -> None:
    exposed = GATEWAY.replace("destinations:", "server: {host: 0.0.0.0}\ndestinations:")
    instance = config.load(write(tmp_path, {G: exposed, P: PARTNER, R: ROUTES}), {})
    assert [str(warning) for warning in instance.warnings] == [
        "gateway.yaml:3:10: server.host: other machines can call 0.0.0.0 in clear text; expected "
        "'certificate' and 'key', or a loopback address with a proxy in front"
    ]


def test_the_files_of_the_servers_certificate_must_be_there_before_it_runs(tmp_path: Path) -> None:
    server = "server: {certificate: chain.pem, key: key.pem}\ndestinations:"
    files = {G: GATEWAY.replace("destinations:", server), P: PARTNER, R: ROUTES}
    instance = config.load(write(tmp_path, files | {"key.pem": ""}), {})
    assert [str(problem) for problem in instance.missing_secrets] == [
        "gateway.yaml:3:10: server.certificate: there is no file chain.pem on this machine"
    ]
