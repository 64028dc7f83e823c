"""`gateway maps new` and `gateway maps coverage`: drafts that are sound, and what is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway import config, resources
from gateway.cli.init import write_instance
from tests.unit.cli.edi import SOUND_940
from tests.unit.cli.test_validate import run

NORTHSTAR = resources.directory("samples") / "northstar-3pl"
DEVIANT = (
    SOUND_940.replace(b"N1*ST*SHOP*92*0042~", b"N1*CN*SHOP*92*0042~N9*ZZ*note: {x~N9*CN*1~N9*2I*2~")
    .replace(b"W01*10*EA**VN*SKU1~", b"W01*10*QQ*012345678905*Q9*SKU1~N9*LI*1~")
    .replace(b"SE*7*", b"SE*11*")
)

NOTICE = (
    b"ISA*00*          *00*          *ZZ*QUAYSIDE       *ZZ*HARBORGOODS    *260714*1715*U*00401*"
    b"000000001*0*T*>~GS*SH*QUAYSIDE*HARBORGOODS*20260714*1715*1*X*004010~ST*856*0001~"
    b"BSN*00*S-1*20260714*1705*0004~HL*1**S~TD5*B*2*TIDW*M~DTM*011*20260714~HL*2*1*O~PRF*PO-1~"
    b"TD5*B*ZZ*SLOW*M~"
    b"HL*3*2*I~LIN*1*SK*OATS*UP*085123400173~SN1**1*EA~"
    b"HL*4*2*I~LIN*2*EN*4001234500317*CB*HONEY*LT*L1~SN1**2*EA~"
    b"CTT*4~SE*16*0001~GE*1*1~IEA*1*000000001~"
)
"""A ship notice with two ways of naming an item, and a carrier of an order without its SCAC."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_instance(tmp_path / "edi")
    monkeypatch.chdir(tmp_path / "edi")
    return tmp_path / "edi"


def passes(home: Path, *maps: str) -> None:
    """Check the instance, and run the tests of maps."""
    code, out, err = run("check")
    assert code == 0, out + err
    code, out, err = run("maps", "test", *maps)
    assert code == 0, out + err


def test_drafts_of_a_known_partner_name_what_its_map_does(home: Path) -> None:
    code, out, err = run("maps", "new", "--partner", "acme", "--from", NORTHSTAR)
    assert (code, err) == (0, "")
    assert "945  5 sets over base-945\n  ✓ maps/acme/945.map.yaml\n" in out
    passes(home, "acme-810", "acme-856", "acme-945")
    draft = (home / "maps" / "acme" / "945.map.yaml").read_text()
    assert '      # seen: 75.0000\n      amount: {as: "implied(2, point)"}\n' in draft
    for said in (
        "`tables: {party_role: {codes: {CN: ship_to}, write: {ship_to: CN}}}`",
        "N9*CN and N9*2I both come",
        "LX/W12/W1206 is a UPC without a qualifier, ×1",
        "'CS' in 3 sets; `tables: {unit: {codes: {CS: …}}}`",
        "VN ×6, A3 ×1, UK ×1",
        "G6203  ×1 in 1 set: W ×1",
        "W0601  F ×5",
        "bill_of_lading  (N9[01=BM].02)",
        "MAN*AI carries a bar code",
    ):
        assert said in draft
    guide = (home / "partners" / "acme" / "guides" / "945.yaml").read_text()
    assert "#   N1*CN/N104: {use: required}\n" in guide
    assert "#   W2703  10/12 of 1/35\n" in guide


def test_an_unknown_partner_with_its_own_item_numbers_and_units(home: Path) -> None:
    for name in ("one", "two", "three"):
        (home / f"{name}.edi").write_bytes(DEVIANT)
    code, _, err = run(
        "maps", "new", "one.edi", "two.edi", "--partner", "new-1", "--from", "three.edi"
    )
    assert (code, err) == (0, "")
    draft = (home / "maps" / "new-1" / "940.map.yaml").read_text()
    assert "      # seen: Q9 ×3, none of " in draft
    assert "N1*CN (the consignee) comes and N1*ST never" in draft
    assert "W0103 is a UPC without a qualifier, ×3" in draft
    assert "note" not in draft.split("#")[0]
    passes(home, "new-1-940")
    assert run("translate", "one.edi", "--map", "new-1-940")[1].count('"sku":"SKU1"') == 1
    again = run("maps", "new", "one.edi", "--partner", "new-1")
    assert again == (
        2, "", "error: maps/new-1/940.map.yaml is there already: it is not written over\n"
    )  # fmt: skip


def test_drafts_of_all_samples_that_there_are_pass_at_once(home: Path) -> None:
    code, out, _ = run("maps", "new", "--partner", "everybody", "--from", "samples")
    assert code == 0
    sets = [line.split()[0] for line in out.splitlines() if " over base-" in line]
    assert len(sets) >= 6
    passes(home, *(f"everybody-{one}" for one in sets))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--partner", "Acme Inc", "--from", "x.edi"], "'Acme Inc' is no short name of a partner"),
        (["--partner", "acme"], "from what? Name samples: `--from samples/*.edi`"),
        (["--partner", "acme", "--from", "x.edi"], "x.edi cannot be read: No such file"),
        (["--partner", "acme", "--from", "ack.edi"], "no sample holds a set that there is a base"),
    ],
)
def test_misuse_exits_2_and_writes_nothing(home: Path, arguments: list[str], said: str) -> None:
    (home / "ack.edi").write_bytes(SOUND_940.replace(b"*OW*", b"*FA*").replace(b"GS*OW", b"GS*FA"))
    code, out, err = run("maps", "new", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {said}")
    assert not (home / "maps" / "acme").exists()


def test_coverage_lists_what_no_field_takes(home: Path) -> None:
    (home / "order.edi").write_bytes(
        SOUND_940.replace(b"LX*1~", b"NTE*ZZZ*hello~N9*ZZ*7~LX*1~").replace(b"SE*7*", b"SE*9*")
    )
    (home / "bare.map.yaml").write_text("")
    (home / "maps" / "bare.map.yaml").write_text(
        "map: bare-940\nextends: base-940\nfields: {notes: ~drop, references: ~drop}\n"
    )
    code, out, err = run("maps", "coverage", "bare-940", "order.edi", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["documents"] == {"bare-940": 1}
    assert [(one["position"], one["count"], one["examples"]) for one in found["positions"]] == [
        ("N9[01=ZZ].02", 1, ["7"]),
        ("NTE[01=ZZZ].02", 1, ["hello"]),
    ]
    code, out, _ = run("maps", "coverage", "bare-940", "order.edi")
    assert "N9[01=ZZ].02" in out
    assert "2 are kept as unmapped" in out
    code, out, _ = run("maps", "coverage", "base-940", "order.edi")
    assert out.startswith("✓ all ")


def test_coverage_tells_apart_what_is_ignored_on_purpose(home: Path) -> None:
    (home / "order.edi").write_bytes(
        SOUND_940.replace(b"LX*1~", b"NTE*ZZZ*hello~N9*ZZ*7~LX*1~").replace(b"SE*7*", b"SE*9*")
    )
    (home / "maps" / "bare.map.yaml").write_text(
        "map: bare-940\nextends: base-940\nignore: [NTE]\n"
        "fields: {notes: ~drop, references: ~drop}\n"
    )
    found = json.loads(run("maps", "coverage", "bare-940", "order.edi", "--json")[1])
    assert [one["position"] for one in found["positions"]] == ["N9[01=ZZ].02"]
    assert [one["position"] for one in found["ignored"]] == ["NTE[01=ZZZ].02"]
    out = run("maps", "coverage", "bare-940", "order.edi")[1]
    listed, _, ignored = out.partition("ignored on purpose:\n")
    assert ("NTE[01=ZZZ].02" in listed, "NTE[01=ZZZ].02" in ignored) == (False, True)
    assert out.endswith("; 1 are kept as unmapped; 1 are ignored on purpose\n")


def test_coverage_goes_by_the_agreements_where_no_map_is_named(home: Path) -> None:
    code, out, _ = run("maps", "coverage", NORTHSTAR, "--json")
    assert code == 0
    assert json.loads(out)["documents"]["northstar-945"] == 5
    code, out, err = run("maps", "coverage", "base-49", NORTHSTAR)
    assert (code, out) == (2, "")
    assert err.startswith("error: there is no map 'base-49' (did you mean 'base-")


def test_a_profile_says_how_real_traffic_deviates(home: Path) -> None:
    strange = home / "strange.edi"
    plain = (NORTHSTAR / "945-counts-wrong.edi").read_bytes()
    strange.write_bytes(plain + b"\r\n")
    code, out, err = run("maps", "profile", "northstar-3pl", NORTHSTAR, strange, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    found = {one["set"]: one for one in told["sets"]}
    assert set(found) == {"810", "856", "945"}
    advice = found["945"]
    assert (advice["count"], advice["map"]) == (6, "northstar-945")
    assert advice["unknown_codes"][-1].startswith("references[].type")
    assert "G7208 ×1, such as 75.0000" in advice["unmapped"]
    assert any("N1*CN (the consignee)" in one for one in advice["habits"])
    assert any(one.startswith("W0602: 12/12 of 1/") for one in advice["lengths"])
    assert "equipment" in advice["never_sent"]
    assert told["envelopes"]["segment_count_wrong"] >= 2
    code, out, _ = run("maps", "profile", "northstar-3pl", strange)
    assert out.startswith("945  1 set  map northstar-945, guide ")
    assert "\nenvelopes\n  not as the standard has it\n" in out
    assert run("maps", "profile", "nobody", strange)[0] == 2
    assert run("maps", "profile", "bluebird-retail", strange) == (
        0, "", "Nothing of 'bluebird-retail' was read by a base map.\n"
    )  # fmt: skip


def test_item_numbers_are_proposed_where_a_line_has_none_and_nowhere_else(home: Path) -> None:
    (home / "notice.edi").write_bytes(NOTICE)
    assert run("maps", "new", "notice.edi", "--partner", "quayside")[0] == 0
    draft = (home / "maps" / "quayside" / "856.map.yaml").read_text()
    assert draft.partition("\n\n#")[0].endswith(
        "fields:\n"
        "  orders:\n"
        "    fields:\n"
        "      items:\n"
        "        fields:\n"
        "          # seen: CB ×1, none of VN, SK, VP, BP, IN, UP beside it\n"
        "          sku: {qualifier: VN|SK|VP|BP|IN|CB|UP}"
    )
    passes(home, "quayside-856")
    document = run("translate", "notice.edi", "--map", "quayside-856")[1]
    assert ['"sku":"OATS"' in document, '"sku":"HONEY"' in document] == [True, True]


def test_the_next_steps_of_a_draft_work_in_their_order(home: Path) -> None:
    (home / "notice.edi").write_bytes(NOTICE)
    code, out, _ = run("maps", "new", "notice.edi", "--partner", "quayside")
    assert code == 0
    assert out.endswith(
        "\nNext:\n"
        "  1. `gateway partners new quayside`: its agreements name these maps and guides\n"
        "  2. `gateway check`\n"
        "  3. `gateway maps test quayside-856`\n"
        "  4. `gateway maps coverage maps/quayside/samples`: what no field takes yet\n"
    )
    answers = ("--identity", "ZZ/QUAYSIDE", "--sends", "856,945", "--way", "folder")
    code, out, err = run("partners", "new", "quayside", *answers)
    assert (code, out) == (
        0,
        "✓ partners/quayside.yaml\n"
        "  856 in: map quayside-856 and guide 856, found in the instance\n",
    ), err
    agreed = config.load(home).partners["quayside"].agreements
    assert [(one.set, one.map, one.guide) for one in agreed] == [
        ("856", "quayside-856", "856"),
        ("945", "base-945", None),
    ]
    passes(home, "quayside-856")
    code, out, err = run("maps", "coverage", "maps/quayside/samples", "--json")
    assert (code, json.loads(out)["documents"]) == (0, {"quayside-856": 1}), err


def test_the_next_step_for_a_partner_that_is_there_is_its_file(home: Path) -> None:
    (home / "notice.edi").write_bytes(NOTICE.replace(b"*UP*", b"*VN*"))
    (home / "maps" / "bluebird-retail" / "856.map.yaml").unlink()
    (home / "maps" / "bluebird-retail" / "856.test.yaml").unlink()
    partner = home / "partners" / "bluebird-retail.yaml"
    partner.write_text(partner.read_text().replace("map: bluebird-856", "map: base-856"))
    code, out, err = run("maps", "new", "notice.edi", "--partner", "bluebird-retail")
    assert code == 0, err
    assert (
        "\n  1. name these maps and guides in the agreements of partners/bluebird-retail.yaml\n"
        in out
    )


def test_one_field_is_said_in_the_singular(home: Path) -> None:
    (home / "notice.edi").write_bytes(NOTICE.replace(b"DTM*011*", b"DTM*371*"))
    out = run("maps", "new", "notice.edi", "--partner", "quayside")[1]
    assert "    1 field has values that the base map keeps or refuses\n" in out


def test_coverage_that_found_nothing_says_why_and_what_to_do(home: Path) -> None:
    (home / "notice.edi").write_bytes(NOTICE)
    said = "No set was read by a map: "
    assert run("maps", "coverage", "--home", home) == (
        0, "", f"{said}the instance has received nothing yet that is meant. Name samples, files or "
        "folders: `gateway maps coverage FOLDER`\n",
    )  # fmt: skip
    assert run("maps", "coverage", "base-940", "notice.edi") == (
        0, "",
        f"{said}the files hold no sets that base-940 is for (acknowledgments have no map)\n",
    )  # fmt: skip
    assert run("maps", "coverage", "notice.edi") == (
        0, "",
        "not looked at: 1 × set 856: no agreement says which of bluebird-856, northstar-856\n"
        f"{said}name one, `gateway maps coverage MAP FILE…`, or agree on these sets, "
        "`gateway partners new PARTNER`\n",
    )  # fmt: skip
