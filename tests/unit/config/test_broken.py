"""A table of broken configurations: one fault each, and the exact lines that name it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import config
from gateway.errors import ConfigProblems
from gateway.findings import FindingCode
from tests.unit.config.instances import write

GATEWAY = """\
identities:
  - {name: main, qualifier: ZZ, id: HARBORGOODS}
destinations:
  erp:
    type: http
    url: https://erp.harbor.example/documents
    production: true
  erp-test:
    type: http
    url: https://test.harbor.example/documents
    production: false
"""
PARTNER = """\
partner: northstar
name: Northstar 3PL
identities:
  - {qualifier: ZZ, id: NORTHSTAR}
agreements:
  - set: "945"
    direction: in
    map: base-945
  - set: "940"
    direction: out
    map: base-940
"""
ROUTES = """\
rules:
  - name: production
    when: {usage: P}
    to: [erp]
  - name: tests
    to: [erp-test]
"""

G, P, R, M = "gateway.yaml", "partners/northstar.yaml", "routes.yaml", "maps/own.map.yaml"
SOUND = {G: GATEWAY, P: PARTNER, R: ROUTES, M: "map: own\n"}

AT_PATTERN = "routes.yaml:3:45: rules[0].when.fields.purchase_order_number.pattern: "
NO_PATTERN = AT_PATTERN + "not a regular expression (RE2): "

# Situation, file, what is replaced, by what, and every line that must be said.
BROKEN: list[tuple[str, str, str, str, list[str]]] = [
    (
        "a next document that fits nothing",
        R,
        "rules:\n",
        """next:
  - name: answer
    when: {document: order, partner: northstra, fields: {nonsense: x}}
    after: epr
    body: {select: "{a: "}
    to: nothstar
  - name: answer
    body: {select: "@"}
    to: northstar
    set: "855"
rules:
""",
        [
            "routes.yaml:3:29: next[0].when.partner: there is no partner 'northstra' (did you "
            "mean 'northstar'?)",
            "routes.yaml:3:58: next[0].when.fields.nonsense: order has no field 'nonsense': "
            "'nonsense' is unknown",
            "routes.yaml:4:5: next[0].after: there is no destination 'epr' (did you mean 'erp'?)",
            "routes.yaml:5:12: next[0].body.select: no JMESPath: it is not complete (column 5 "
            "of it)",
            "routes.yaml:6:5: next[0].to: there is no partner 'nothstar' (did you mean "
            "'northstar'?)",
            "routes.yaml:7:5: next[1].name: 'answer' is the name of next[0] already",
            "routes.yaml:9:5: next[1].to: no agreement to send 855 to partner 'northstar'",
        ],
    ),
    (
        "next documents for whoever sent what nobody sends",
        R,
        "rules:\n",
        """next:
  - {name: one, body: {select: "@"}, to: {sender_of: ordre}}
  - {name: two, body: {select: "@"}, set: "856", to: {sender_of: order}}
  - {name: three, body: {select: "@"}, to: {sender_of: shipping_advice}}
  - {name: four, body: {select: "@"}, set: "856", to: {sender_of: shipping_advice}}
  - {name: five, body: {select: "@"}, to: {sender: order}}
rules:
""",
        [
            "routes.yaml:6:39: next[4].to: 'sender_of' is missing",
            "routes.yaml:6:44: next[4].to.sender: 'sender' is not a setting here (did you mean "
            "'sender_of'?)",
        ],
    ),
    (
        "next documents for whoever sent what nobody sends, as far as they can be read",
        R,
        "rules:\n",
        """next:
  - {name: one, body: {select: "@"}, to: {sender_of: ordre}}
  - {name: two, body: {select: "@"}, set: "856", to: {sender_of: order}}
  - {name: three, body: {select: "@"}, to: {sender_of: shipping_advice}}
  - {name: four, body: {select: "@"}, set: "856", to: {sender_of: shipping_advice}}
rules:
""",
        [
            "routes.yaml:2:38: next[0].to: there is no document type 'ordre' (did you mean "
            "'order'?)",
            "routes.yaml:3:50: next[1].to: no partner that sends us this (order) has an agreement "
            "to be sent 856",
            "routes.yaml:5:51: next[3].to: no partner that sends us this (shipping advice) has "
            "an agreement to be sent 856",
        ],
    ),
    (
        "a refusal that nobody can be told",
        P,
        "    map: base-945\n",
        "    map: base-945\n    on_refusal: advise\n",
        [
            "partners/northstar.yaml:9:5: agreements[0].on_refusal: nobody can be told: "
            "expected an agreement of `out` on set 824 too",
        ],
    ),
    (
        "yaml that is not well formed",
        P,
        "name: Northstar 3PL",
        "name: [Northstar",
        [
            "partners/northstar.yaml:3:11: did not find expected ',' or ']'",
        ],
    ),
    (
        "a key written twice",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\nname: Again",
        [
            "partners/northstar.yaml:3:1: 'name' is written twice",
        ],
    ),
    (
        "an alias",
        P,
        "name: Northstar 3PL",
        "name: *other",
        [
            "partners/northstar.yaml:2:7: name: YAML aliases are not taken; text that begins with "
            "'*' stands in quotes",
        ],
    ),
    (
        "an unknown setting",
        P,
        "name: Northstar 3PL",
        "nmae: Northstar 3PL",
        [
            "partners/northstar.yaml:1:1: 'name' is missing",
            (
                "partners/northstar.yaml:2:1: nmae: 'nmae' is not a setting here (did you mean "
                "'name'?)"
            ),
        ],
    ),
    (
        "a setting that exists elsewhere only",
        G,
        "    production: true",
        "    production: true\n    retries: 3",
        [
            "gateway.yaml:8:5: destinations.erp.retries: 'retries' is not a setting here",
        ],
    ),
    (
        "a partner's name that is no folder name",
        P,
        "partner: northstar",
        "partner: ../northstar",
        [
            (
                "partners/northstar.yaml:1:1: partner: '../northstar' does not fit; expected "
                "small letters, digits, '-' and '_', such as northstar-3pl"
            ),
        ],
    ),
    (
        "a partner whose file has another name",
        P,
        "partner: northstar",
        "partner: southstar",
        [
            (
                "partners/northstar.yaml:1:1: partner: 'southstar' is not the name of this "
                "file; expected 'northstar'"
            ),
        ],
    ),
    (
        "a qualifier that is too long",
        P,
        "qualifier: ZZ",
        "qualifier: ZZZ",
        [
            (
                "partners/northstar.yaml:4:6: identities[0].qualifier: 'ZZZ' does not fit; "
                "expected two letters or digits, such as ZZ or 01"
            ),
        ],
    ),
    (
        "an identity longer than the ISA takes",
        P,
        "id: NORTHSTAR",
        "id: NORTHSTARWAREHOUSE",
        [
            (
                "partners/northstar.yaml:4:21: identities[0].id: 'NORTHSTARWAREHOUSE' does not "
                "fit; expected 1 to 15 characters without blanks at the ends"
            ),
        ],
    ),
    (
        "a partner without identities",
        P,
        "  - {qualifier: ZZ, id: NORTHSTAR}\n",
        "",
        [
            "partners/northstar.yaml:3:1: identities: nothing is written here; expected a list",
        ],
    ),
    (
        "our own identity used by a partner",
        P,
        "id: NORTHSTAR",
        "id: HARBORGOODS",
        [
            (
                "partners/northstar.yaml:4:5: identities[0]: identity ZZ/HARBORGOODS is one of "
                "our own already"
            ),
        ],
    ),
    (
        "an identity of ours that does not exist",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\nour_identity: mian",
        [
            (
                "partners/northstar.yaml:3:1: our_identity: we have no identity 'mian' (did "
                "you mean 'main'?)"
            ),
        ],
    ),
    (
        "a set that is no number",
        P,
        '"945"',
        "advice",
        [
            (
                "partners/northstar.yaml:6:5: agreements[0].set: 'advice' does not fit; "
                "expected three digits, such as 940"
            ),
        ],
    ),
    (
        "a set without a schema",
        P,
        '"945"',
        '"998"',
        [
            (
                "partners/northstar.yaml:6:5: agreements[0].set: there is no schema for 998 in "
                "version 004010"
            ),
            (
                "partners/northstar.yaml:8:5: agreements[0].map: map 'base-945' is for 945, "
                "not for 998"
            ),
        ],
    ),
    (
        "a version without a schema",
        P,
        "    direction: out",
        "    direction: out\n    version: 009010",
        [
            (
                "partners/northstar.yaml:9:5: agreements[1].set: there is no schema for 940 in "
                "version 009010"
            ),
        ],
    ),
    (
        "a version without a schema where no other one's may judge",
        P,
        "    direction: out",
        "    direction: out\n    version: 006020\n    version_gap: refuse",
        [
            (
                "partners/northstar.yaml:11:5: agreements[1].version: there is no schema for 940 "
                "in version 006020, and 'version_gap: refuse' takes no other; the nearest is 005010"
            ),
        ],
    ),
    (
        "a version that is too short",
        P,
        "    direction: out",
        "    direction: out\n    version: 4010",
        [
            (
                "partners/northstar.yaml:11:5: agreements[1].version: '4010' does not fit; "
                "expected six digits and perhaps a suffix, such as 004010UCS"
            ),
        ],
    ),
    (
        "an unknown direction",
        P,
        "direction: out",
        "direction: outbound",
        [
            (
                "partners/northstar.yaml:10:5: agreements[1].direction: 'outbound' does not "
                "fit; expected 'in' or 'out'"
            ),
        ],
    ),
    (
        "an unknown map",
        P,
        "base-945",
        "base-954",
        [
            (
                "partners/northstar.yaml:8:5: agreements[0].map: there is no map 'base-954' "
                "(did you mean 'base-947'?)"
            ),
        ],
    ),
    (
        "a map for another set",
        P,
        "map: base-945",
        "map: base-940",
        [
            (
                "partners/northstar.yaml:8:5: agreements[0].map: map 'base-940' is for 940, "
                "not for 945"
            ),
        ],
    ),
    (
        "an unknown usage indicator",
        P,
        "    direction: in",
        "    direction: in\n    usage: [P, X]",
        [
            (
                "partners/northstar.yaml:8:16: agreements[0].usage[1]: 'X' does not fit; "
                "expected 'P', 'T' or 'I'"
            ),
        ],
    ),
    (
        "an unknown usage indicator outside a list",
        P,
        "    direction: in",
        "    direction: in\n    usage: X",
        [
            (
                "partners/northstar.yaml:8:5: agreements[0].usage: 'X' does not fit; expected "
                "'P', 'T' or 'I'"
            ),
        ],
    ),
    (
        "an unknown leniency",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\naccept: [short_control_numbers]",
        [
            (
                "partners/northstar.yaml:3:10: accept[0]: there is no leniency "
                "'short_control_numbers' (did you mean 'short_control_number'?)"
            ),
        ],
    ),
    (
        "an unknown leniency of an agreement",
        P,
        "    direction: in",
        "    direction: in\n    accept: lowercase_ids",
        [
            (
                "partners/northstar.yaml:8:5: agreements[0].accept: there is no leniency "
                "'lowercase_ids' (did you mean 'lowercase_segment_ids'?)"
            ),
        ],
    ),
    (
        "an unknown strictness",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\nacknowledgment: {strictness: strickt}",
        [
            (
                "partners/northstar.yaml:3:18: acknowledgment.strictness: 'strickt' does not "
                "fit; expected 'strict', 'note_errors' or 'accept_all' (did you mean 'strict'?)"
            ),
        ],
    ),
    (
        "an unknown word for when to acknowledge",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\nacknowledgment:\n  997: sometimes",
        [
            (
                "partners/northstar.yaml:4:3: acknowledgment.997: 'sometimes' does not fit; "
                "expected 'always', 'on_reject' or 'never'"
            ),
        ],
    ),
    (
        "a ledger that forgets before documents are purged",
        G,
        "destinations:",
        "retention: {payloads: 400d, ledger: 90d}\ndestinations:",
        [
            (
                "gateway.yaml:3:1: retention: 'ledger' is shorter than 'payloads'; "
                "expected at least as long"
            ),
        ],
    ),
    (
        "an ordering key of a field that no document has",
        G,
        "    production: true",
        "    production: true\n    ordering_key: [partner, purchase_order_numbr, carrier.scac]",
        [
            "gateway.yaml:8:29: destinations.erp.ordering_key[1]: no document has the business key "
            "or the field 'purchase_order_numbr' (did you mean 'purchase_order_number'?)",
        ],
    ),
    (
        "working hours and a rate that nobody could keep",
        G,
        "    production: true",
        "    production: true\n    hours: {zone: Europe/Berlin, from: '25:00'}\n"
        "    rate: {calls: 10, per: 2d}",
        [
            "gateway.yaml:8:34: destinations.erp.hours.from: '25:00' does not fit; "
            "expected a time of day such as 07:30",
            "gateway.yaml:9:23: destinations.erp.rate.per: expected a day at most",
        ],
    ),
    (
        "a time zone that nobody lives in",
        G,
        "    production: true",
        "    production: true\n    hours: {zone: Europe/Bielefeld}",
        [
            "gateway.yaml:8:13: destinations.erp.hours.zone: 'Europe/Bielefeld' is no time zone; "
            "expected a name such as Europe/Berlin or UTC",
        ],
    ),
    (
        "a finding that does not exist",
        P,
        "    direction: in",
        "    direction: in\n    findings:\n      - {finding: segment_count_wong, severity: ignore}",
        [
            (
                "partners/northstar.yaml:9:10: agreements[0].findings[0].finding: "
                "'segment_count_wong' does not fit; "
                f"expected one of {len(FindingCode)} words (did you mean 'segment_count_wrong'?)"
            ),
        ],
    ),
    (
        "a finding that leaves nothing to take",
        P,
        "    direction: in",
        "    direction: in\n    findings:\n      - {finding: "
        "transaction_set_not_supported, severity: note}",
        [
            (
                "partners/northstar.yaml:9:10: agreements[0].findings[0].finding: "
                "'transaction_set_not_supported' leaves nothing that could be taken; it "
                "always refuses"
            ),
        ],
    ),
    (
        "a rule on findings at a place that is none",
        P,
        "    direction: in",
        "    direction: in\n    findings:\n      - {finding: element_too_long, at: "
        "W12.1, severity: note}",
        [
            (
                "partners/northstar.yaml:9:37: agreements[0].findings[0].at: 'W12.1' does not "
                "fit; expected a segment, an element or a component, such as W19, W1904 or "
                "SV101-2"
            ),
        ],
    ),
    (
        "two agreements for the same sets",
        P,
        '  - set: "940"\n    direction: out\n    map: base-940',
        '  - set: "945"\n    direction: in\n    usage: [T, P]\n    map: base-945',
        [
            (
                "partners/northstar.yaml:9:5: agreements[1]: overlaps agreements[0]: both are "
                "for in 945 004010 with the same usage"
            ),
        ],
    ),
    (
        "two separators that are the same",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\ndelimiters: {element: '|', component: '|'}",
        [
            (
                "partners/northstar.yaml:3:1: delimiters: two separators are the same "
                "character; a reader could not tell them"
            ),
        ],
    ),
    (
        "a separator that is a letter",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\ndelimiters: {terminator: X}",
        [
            (
                "partners/northstar.yaml:3:14: delimiters.terminator: 'X' does not fit; "
                "expected one character that is neither a letter, a digit nor a blank"
            ),
        ],
    ),
    (
        "a control number that is too high",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\ncontrol_numbers: {first_interchange: 1000000000}",
        [
            (
                "partners/northstar.yaml:3:19: control_numbers.first_interchange: '1000000000' "
                "does not fit; expected at most 999999999"
            ),
        ],
    ),
    (
        "a control number that is text",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\ncontrol_numbers: {first_group: one}",
        [
            (
                "partners/northstar.yaml:3:19: control_numbers.first_group: 'one' does not "
                "fit; expected a whole number"
            ),
        ],
    ),
    (
        "a folder that leaves the home",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\nfolders: {in: ../elsewhere}",
        [
            (
                "partners/northstar.yaml:3:11: folders.in: '../elsewhere' leaves the home; "
                "expected a path without '..'"
            ),
        ],
    ),
    (
        "an absolute folder that nobody allowed",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\nfolders: {in: /srv/northstar}",
        [
            (
                "partners/northstar.yaml:3:11: folders.in: '/srv/northstar' is absolute; "
                "expected a path below the home (or 'allow_absolute_paths: true' in "
                "gateway.yaml)"
            ),
        ],
    ),
    (
        "one folder for both directions",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\nfolders: {in: box, out: box}",
        [
            (
                "partners/northstar.yaml:3:20: folders.out: 'box' is the 'in' folder of "
                "partner 'northstar' already"
            ),
        ],
    ),
    (
        "folders that the gateway lives on",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\nfolders: {in: secrets, out: box/.claimed}",
        [
            (
                "partners/northstar.yaml:3:11: folders.in: 'secrets' is the gateway's own; "
                "expected a folder of the partner"
            ),
            (
                "partners/northstar.yaml:3:24: folders.out: 'box/.claimed' is the gateway's own; "
                "expected a folder of the partner"
            ),
        ],
    ),
    (
        "no identity of ours",
        G,
        "  - {name: main, qualifier: ZZ, id: HARBORGOODS}",
        "  []",
        [
            "gateway.yaml:1:1: identities: the list is empty; expected at least 1",
        ],
    ),
    (
        "an empty file",
        G,
        GATEWAY,
        "# nothing yet\n",
        [
            "gateway.yaml:1:1: nothing is written here; expected a mapping (name: value)",
        ],
    ),
    (
        "a list instead of settings",
        G,
        GATEWAY,
        "- one\n- two\n",
        [
            "gateway.yaml:1:1: a list is written here; expected a mapping (name: value)",
        ],
    ),
    (
        "a destination without an address and a production flag",
        G,
        "    url: https://erp.harbor.example/documents\n    production: true\n",
        "",
        [
            "gateway.yaml:4:3: destinations.erp: 'url' is missing",
            "gateway.yaml:4:3: destinations.erp: 'production' is missing",
        ],
    ),
    (
        "an unknown kind of destination",
        G,
        "    type: http\n    url: https://erp.",
        "    type: htpp\n    url: https://erp.",
        [
            (
                "gateway.yaml:4:3: destinations.erp: type: 'htpp' does not fit; expected 'http', "
                "'odata', 'json_rpc', 'xml_rpc', 'soap', 'idoc', 'webhook', 'steps', 'file', "
                "'table' or 'events' (did you mean 'http'?)"
            ),
        ],
    ),
    (
        "an address that is none",
        G,
        "https://erp.harbor.example/documents",
        "erp.harbor.example",
        [
            (
                "gateway.yaml:6:5: destinations.erp.url: expected an address such as "
                "https://erp.example/documents"
            ),
        ],
    ),
    (
        "credentials in an address",
        G,
        "https://erp.",
        "https://me:hunter2@erp.",
        [
            (
                "gateway.yaml:6:5: destinations.erp.url: credentials do not belong in an "
                "address; write them under 'auth'"
            ),
        ],
    ),
    (
        "a production flag that is no truth value",
        G,
        "production: true",
        "production: maybe",
        [
            (
                "gateway.yaml:7:5: destinations.erp.production: 'maybe' does not fit; expected "
                "true or false"
            ),
        ],
    ),
    (
        "a literal secret",
        G,
        "    production: true",
        "    production: true\n    auth: {type: bearer, token: hunter2}",
        [
            (
                "gateway.yaml:8:26: destinations.erp.auth.token: a secret is written here by "
                "its reference only; expected ${env:NAME} or ${file:PATH}"
            ),
        ],
    ),
    (
        "a literal secret in the address of a destination",
        G,
        "https://erp.harbor.example/documents",
        "'https://erp.harbor.example/documents?partner=x&api_key=hunter2'",
        [
            "gateway.yaml:6:5: destinations.erp.url: 'api_key' in an address carries a secret, "
            "which is written by its reference only; expected ${env:NAME} or ${file:PATH}",
        ],
    ),
    (
        "a literal token behind an address that is a secret itself",
        G,
        "https://erp.harbor.example/documents",
        "'${env:URL}?to%6ben=hunter2'",
        [
            "gateway.yaml:6:5: destinations.erp.url: 'token' in an address carries a secret, "
            "which is written by its reference only; expected ${env:NAME} or ${file:PATH}",
        ],
    ),
    (
        "a literal password among the options of the database",
        G,
        "destinations:",
        "store: {url: 'postgresql://me@db/edi?sslmode=require&password=hunter2'}\ndestinations:",
        [
            "gateway.yaml:3:9: store.url: 'password' in an address carries a secret, "
            "which is written by its reference only; expected ${env:NAME} or ${file:PATH}",
        ],
    ),
    (
        "the literal password of a key of the database",
        G,
        "destinations:",
        "store: {url: 'postgresql://me@db/edi?sslpassword=hunter2'}\ndestinations:",
        [
            "gateway.yaml:3:9: store.url: 'sslpassword' in an address carries a secret, "
            "which is written by its reference only; expected ${env:NAME} or ${file:PATH}",
        ],
    ),
    (
        "a literal secret in a header",
        G,
        "    production: true",
        "    production: true\n    headers: {X-Api-Key: hunter2}",
        [
            (
                "gateway.yaml:8:5: destinations.erp.headers: header 'X-Api-Key' carries a "
                "secret, which is written by its reference only; expected ${env:NAME} or "
                "${file:PATH}"
            ),
        ],
    ),
    (
        "an unknown kind of authentication",
        G,
        "    production: true",
        "    production: true\n    auth: {type: baerer, token: '${env:TOKEN}'}",
        [
            (
                "gateway.yaml:8:5: destinations.erp.auth: type: 'baerer' does not fit; "
                "expected 'bearer', 'basic', 'header', 'query', 'oauth2' or 'hmac' "
                "(did you mean 'bearer'?)"
            ),
        ],
    ),
    (
        "a reference that is not well formed",
        G,
        "    production: true",
        "    production: true\n    auth: {type: bearer, token: '${evn:TOKEN}'}",
        [
            (
                "gateway.yaml:8:26: destinations.erp.auth.token: a reference is not well "
                "formed; expected ${env:NAME} or ${file:PATH}"
            ),
        ],
    ),
    (
        "a secret file outside the home",
        G,
        "    production: true",
        "    production: true\n    auth: {type: bearer, token: '${file:../token}'}",
        [
            (
                "gateway.yaml:8:26: destinations.erp.auth.token: the path of a secret file is "
                "empty or leaves the instance's home"
            ),
        ],
    ),
    (
        "a literal password of the database",
        G,
        "destinations:",
        "store: {url: 'postgresql://gateway:hunter2@db/gateway'}\ndestinations:",
        [
            (
                "gateway.yaml:3:9: store.url: a password is written here by its reference "
                "only, such as ${env:NAME}"
            ),
        ],
    ),
    (
        "a database that is not supported",
        G,
        "destinations:",
        "store: {url: 'mysql://db/gateway'}\ndestinations:",
        [
            (
                "gateway.yaml:3:9: store.url: expected an address that starts with sqlite:/// "
                "or postgresql://"
            ),
        ],
    ),
    (
        "a duration without a unit",
        G,
        "destinations:",
        "pickup: {stable_for: '2'}\ndestinations:",
        [
            (
                "gateway.yaml:3:10: pickup.stable_for: '2' does not fit; expected a duration "
                "such as 500ms, 2s, 15m, 24h or 400d"
            ),
        ],
    ),
    (
        "a size that is none",
        G,
        "destinations:",
        "limits: {payload: much}\ndestinations:",
        [
            (
                "gateway.yaml:3:10: limits.payload: 'much' does not fit; expected a size such "
                "as 500KB, 50MB or 1GB"
            ),
        ],
    ),
    (
        "no attempt at all",
        G,
        "    production: true",
        "    production: true\n    attempts: 0",
        [
            "gateway.yaml:8:5: destinations.erp.attempts: '0' does not fit; expected at least 1",
        ],
    ),
    (
        "waits that shrink",
        G,
        "    production: true",
        "    production: true\n    backoff: {first: 1h, longest: 1m}",
        [
            "gateway.yaml:8:5: destinations.erp.backoff: 'longest' is shorter than 'first'",
        ],
    ),
    (
        "a destination's name with a blank",
        G,
        "  erp-test:",
        "  erp test:",
        [
            (
                "gateway.yaml:8:3: destinations.erp test: 'erp test' does not fit; expected "
                "small letters, digits, '-' and '_', such as northstar-3pl"
            ),
        ],
    ),
    (
        "two of our identities with one name",
        G,
        "id: HARBORGOODS}",
        "id: HARBORGOODS}\n  - {name: main, qualifier: ZZ, id: HARBORRETAIL}",
        [
            "gateway.yaml:3:6: identities[1].name: two of our identities have the name 'main'",
        ],
    ),
    (
        "an absolute inbox that nobody allowed",
        G,
        "destinations:",
        "folders:\n  inbox: /srv/sftp\ndestinations:",
        [
            (
                "gateway.yaml:4:3: folders.inbox: '/srv/sftp' is absolute; expected a path "
                "below the home (or 'allow_absolute_paths: true' in gateway.yaml)"
            ),
        ],
    ),
    (
        "a route to an unknown destination",
        R,
        "[erp]",
        "[epr]",
        [
            (
                "routes.yaml:4:10: rules[0].to[0]: there is no destination 'epr' (did you mean "
                "'erp'?)"
            ),
        ],
    ),
    (
        "a route without a destination",
        R,
        "[erp]",
        "[]",
        [
            "routes.yaml:4:5: rules[0].to: the list is empty; expected at least 1",
        ],
    ),
    (
        "an unknown mode",
        R,
        "rules:",
        "mode: first\nrules:",
        [
            (
                "routes.yaml:1:1: mode: 'first' does not fit; expected 'first_match' or 'all' "
                "(did you mean 'first_match'?)"
            ),
        ],
    ),
    (
        "a route for an unknown partner",
        R,
        "{usage: P}",
        "{usage: P, partner: northstra}",
        [
            (
                "routes.yaml:3:22: rules[0].when.partner: there is no partner 'northstra' (did "
                "you mean 'northstar'?)"
            ),
        ],
    ),
    (
        "a route for an unknown document type",
        R,
        "{usage: P}",
        "{document: shiping_advice}",
        [
            (
                "routes.yaml:3:12: rules[0].when.document: there is no document type "
                "'shiping_advice' (did you mean 'shipping_advice'?)"
            ),
        ],
    ),
    (
        "a route on a field that no document has",
        R,
        "{usage: P}",
        "{document: shipping_advice, fields: {ship_dat: {present: true}}}",
        [
            (
                "routes.yaml:3:48: rules[0].when.fields.ship_dat: shipping_advice has no field "
                "'ship_dat': 'ship_dat' is unknown (did you mean 'ship_date'?)"
            ),
        ],
    ),
    (
        "a route on a field inside another",
        R,
        "{usage: P}",
        "{fields: {lines.sku.colour: red}}",
        [
            (
                "routes.yaml:3:21: rules[0].when.fields.lines.sku.colour: any document has no "
                "field 'lines.sku.colour': 'colour' is unknown"
            ),
        ],
    ),
    (
        "a pattern that is no regular expression",
        R,
        "{usage: P}",
        "{fields: {purchase_order_number: {pattern: '('}}}",
        [
            (
                "routes.yaml:3:45: rules[0].when.fields.purchase_order_number.pattern: not a "
                "regular expression (RE2): missing ): ("
            ),
        ],
    ),
    (
        "a pattern that repeats without end",
        R,
        "{usage: P}",
        "{fields: {purchase_order_number: {pattern: " + "'a{1,99999999999}'" + "}}}",
        [NO_PATTERN + "invalid repetition size: {1,99999999999}"],
    ),
    (
        "a pattern whose repetitions multiply",
        R,
        "{usage: P}",
        "{fields: {purchase_order_number: {pattern: " + "'((a{1,99}){1,99}){1,99}'" + "}}}",
        [NO_PATTERN + "invalid repetition size: {1,99}"],
    ),
    (
        "a pattern that is too large made ready",
        R,
        "{usage: P}",
        "{fields: {purchase_order_number: {pattern: " + "'((\\pL{9}.){50}x){2}'" + "}}}",
        [NO_PATTERN + "pattern too large - compile failed"],
    ),
    (
        "a pattern in two thousand parentheses",
        R,
        "{usage: P}",
        "{fields: {purchase_order_number: {pattern: " + "'" + "(" * 2000 + ")" * 2000 + "'" + "}}}",
        [AT_PATTERN + "a regular expression has at most 500 characters"],
    ),
    (
        "a pattern that looks around",
        R,
        "{usage: P}",
        "{fields: {purchase_order_number: {pattern: " + "'a(?=b)'" + "}}}",
        [NO_PATTERN + "invalid perl operator: (?="],
    ),
    (
        "a pattern that refers back",
        R,
        "{usage: P}",
        "{fields: {purchase_order_number: {pattern: " + "'(a)\\1'" + "}}}",
        [NO_PATTERN + "invalid escape sequence: \\1"],
    ),
    (
        "a bound that is no number",
        R,
        "{usage: P}",
        "{fields: {purchase_order_number: {above: many}}}",
        [
            (
                "routes.yaml:3:45: rules[0].when.fields.purchase_order_number.above: 'many' "
                "does not fit; expected a number"
            ),
        ],
    ),
    (
        "a condition that asks nothing",
        R,
        "{usage: P}",
        "{fields: {purchase_order_number: {}}}",
        [
            (
                "routes.yaml:3:21: rules[0].when.fields.purchase_order_number: nothing is "
                "asked of this field"
            ),
        ],
    ),
    (
        "a condition that contradicts itself",
        R,
        "{usage: P}",
        "{fields: {purchase_order_number: {present: false, equals: x}}}",
        [
            (
                "routes.yaml:3:21: rules[0].when.fields.purchase_order_number: a field that "
                "must be absent has no value to compare"
            ),
        ],
    ),
    (
        "two rules with one name",
        R,
        "name: tests",
        "name: production",
        [
            "routes.yaml:5:5: rules[1].name: 'production' is the name of rules[0] already",
        ],
    ),
    (
        "no rules",
        R,
        ROUTES,
        "mode: all\n",
        [
            "routes.yaml:1:1: 'rules' is missing",
        ],
    ),
    (
        "a header that the gateway sets itself",
        G,
        "    production: true",
        "    production: true\n    headers: {Idempotency-Key: x}",
        [
            (
                "gateway.yaml:8:15: destinations.erp.headers.Idempotency-Key: the gateway sets "
                "this header itself"
            ),
        ],
    ),
    (
        "a header's name with a blank",
        G,
        "    production: true",
        "    production: true\n    headers: {X Team: x}",
        [
            (
                "gateway.yaml:8:15: destinations.erp.headers.X Team: expected the name of an "
                "HTTP header"
            ),
        ],
    ),
    (
        "an address with a port that is none",
        G,
        "https://erp.harbor.example/documents",
        "https://erp.harbor.example:port/",
        [
            (
                "gateway.yaml:6:5: destinations.erp.url: expected an address such as "
                "https://erp.example/documents"
            ),
        ],
    ),
    (
        "authentication of no kind",
        G,
        "    production: true",
        "    production: true\n    auth: {token: '${env:TOKEN}'}",
        [
            (
                "gateway.yaml:8:5: destinations.erp.auth: 'type' is missing; it says which "
                "other settings there are"
            ),
        ],
    ),
    (
        "a setting that is named like the kind that it belongs to",
        G,
        "destinations:\n",
        "destinations:\n  rows: {type: table, url: 'sqlite:///e.db', production: true, table: o}\n",
        [
            "gateway.yaml:4:3: destinations.rows: 'columns' is missing",
            "gateway.yaml:4:3: destinations.rows: 'key' is missing",
        ],
    ),
    (
        "authentication that is text",
        G,
        "    production: true",
        "    production: true\n    auth: hunter2",
        [
            (
                "gateway.yaml:8:5: destinations.erp.auth: text is written here; expected a "
                "mapping (name: value)"
            ),
        ],
    ),
    (
        "the name of a variable with a blank",
        G,
        "    production: true",
        "    production: true\n    auth: {type: bearer, token: '${env:MY TOKEN}'}",
        [
            (
                "gateway.yaml:8:26: destinations.erp.auth.token: the name of an environment "
                "variable is not well formed"
            ),
        ],
    ),
    (
        "a list where text with references belongs",
        G,
        "url: https://erp.harbor.example/documents",
        "url: [https://erp.harbor.example]",
        [
            "gateway.yaml:6:5: destinations.erp.url: expected text",
        ],
    ),
    (
        "an identity of ours written twice",
        G,
        "id: HARBORGOODS}",
        "id: HARBORGOODS}\n  - {name: again, qualifier: ZZ, id: HARBORGOODS}",
        [
            "gateway.yaml:3:5: identities[1]: ZZ/HARBORGOODS is written twice",
        ],
    ),
    (
        "a duration of nothing",
        G,
        "destinations:",
        "pickup: {stable_for: 0s}\ndestinations:",
        [
            (
                "gateway.yaml:3:10: pickup.stable_for: '0s' does not fit; expected between 1ms "
                "and 36500d"
            ),
        ],
    ),
    (
        "a duration as a list",
        G,
        "destinations:",
        "pickup: {stable_for: [2s]}\ndestinations:",
        [
            (
                "gateway.yaml:3:10: pickup.stable_for: a list is written here; expected a "
                "duration such as 2s, 15m or 24h"
            ),
        ],
    ),
    (
        "a database address that cannot be read",
        G,
        "destinations:",
        "store: {url: 'sqlite://[/x'}\ndestinations:",
        [
            (
                "gateway.yaml:3:9: store.url: expected a database address such as "
                "sqlite:///state/gateway.db"
            ),
        ],
    ),
    (
        "a map file that is not well formed",
        M,
        "map: own",
        "map: [own\n",
        [
            "maps/own.map.yaml:3:1: did not find expected ',' or ']'",
        ],
    ),
    (
        "an empty path",
        P,
        "name: Northstar 3PL",
        "name: Northstar 3PL\nfolders: {in: ''}",
        [
            (
                "partners/northstar.yaml:3:11: folders.in: '' does not fit; expected a path "
                "below the home"
            ),
        ],
    ),
    (
        "a tolerated finding at a segment that the set does not have",
        P,
        "    map: base-945",
        "    map: base-945\n    findings:\n      - {finding: code_not_in_list, at: W9999, "
        "severity: ignore}",
        [
            (
                "partners/northstar.yaml:10:37: agreements[0].findings[0].at: 'W9999': there is no "
                "segment W99 in 945"
            ),
        ],
    ),
    (
        "a tolerated finding at a misspelled segment",
        P,
        "    map: base-945",
        "    map: base-945\n    findings:\n      - {finding: code_not_in_list, at: Q9Q, "
        "severity: ignore}",
        [
            (
                "partners/northstar.yaml:10:37: agreements[0].findings[0].at: 'Q9Q': there is no "
                "segment Q9Q in 945"
            ),
        ],
    ),
    (
        "a partner's tolerated finding at an element past the end",
        P,
        "agreements:",
        "findings:\n  - {finding: code_not_in_list, at: W0699, severity: ignore}\n"
        "  - {finding: too_many_elements, at: W0699, severity: ignore}\n"
        "  - {finding: segment_not_in_set, at: W99, severity: ignore}\n"
        "  - {finding: segment_count_wrong, at: SE01, severity: note}\n"
        "  - {finding: group_count_wrong, at: GE01, severity: note}\nagreements:",
        [
            (
                "partners/northstar.yaml:6:33: findings[0].at: 'W0699': W06 has 12 elements, there "
                "is no 99"
            ),
        ],
    ),
    (
        "an account where no sftp server listens",
        P,
        "agreements:",
        "drop_box: {password_hash: '${file:key}'}\nagreements:",
        [
            (
                "partners/northstar.yaml:5:1: drop_box: nobody can log in; expected "
                "'sftp_server:' in gateway.yaml"
            ),
        ],
    ),
    (
        "an account that nobody can log in to",
        P,
        "agreements:",
        "drop_box: {user: north}\nagreements:",
        [
            (
                "partners/northstar.yaml:5:1: drop_box: expected 'public_keys' or "
                "'password_hash': nobody could log in without one"
            ),
        ],
    ),
    (
        "a private key where a public one belongs",
        P,
        "agreements:",
        "drop_box: {public_keys: ['-----BEGIN OPENSSH PRIVATE KEY-----']}\nagreements:",
        [
            (
                "partners/northstar.yaml:5:26: drop_box.public_keys[0]: '-----BEGIN OPENSSH "
                "PRIVATE KEY-----' does not fit; expected a public key as in authorized_keys, such "
                "as 'ssh-ed25519 AAAA… name'"
            ),
        ],
    ),
    (
        "credentials for posting where nothing listens",
        P,
        "agreements:",
        "http: {api_keys: ['${file:key}']}\nagreements:",
        [
            (
                "partners/northstar.yaml:5:1: http: nobody can post payloads; expected 'server:' "
                "in gateway.yaml"
            ),
        ],
    ),
    (
        "a key for posting that is written out",
        P,
        "agreements:",
        "http: {api_keys: [hunter2]}\nagreements:",
        [
            (
                "partners/northstar.yaml:5:19: http.api_keys[0]: a secret is written here by its "
                "reference only; expected ${env:NAME} or ${file:PATH}"
            ),
        ],
    ),
    (
        "access over http that nobody can prove",
        P,
        "agreements:",
        "http: {}\nagreements:",
        [
            (
                "partners/northstar.yaml:5:1: http: expected 'api_keys' or 'certificates': nobody "
                "could post without one"
            ),
        ],
    ),
    (
        "a fingerprint that is too short",
        P,
        "agreements:",
        "http: {certificates: [AB:CD]}\nagreements:",
        [
            (
                "partners/northstar.yaml:5:23: http.certificates[0]: 'AB:CD' does not fit; "
                "expected a certificate's SHA-256 in 64 hex digits"
            ),
        ],
    ),
    (
        "a server with a certificate and no key",
        G,
        "destinations:",
        "server: {certificate: chain.pem}\ndestinations:",
        [
            (
                "gateway.yaml:3:1: server: 'certificate' and 'key' belong together; expected both "
                "or neither"
            ),
        ],
    ),
    (
        "a server at a name",
        G,
        "destinations:",
        "server: {host: edi.example}\ndestinations:",
        [
            (
                "gateway.yaml:3:10: server.host: 'edi.example' does not fit; expected an address "
                "such as 127.0.0.1 or ::1"
            ),
        ],
    ),
    (
        "a text that is a mapping",
        P,
        "name: Northstar 3PL",
        "name: {long: Northstar}",
        [
            "partners/northstar.yaml:2:1: name: a mapping stands here; expected text; text that "
            "begins with { stands in quotes",
        ],
    ),
    (
        "a replacement that is a separator",
        P,
        "identities:\n",
        "delimiters: {replacement: '*'}\nidentities:\n",
        [
            "partners/northstar.yaml:3:1: delimiters: 'replacement' is a separator itself; "
            "expected another character",
        ],
    ),
    (
        "a long value that does not fit",
        P,
        "id: NORTHSTAR",
        "id: NORTHSTAR-WAREHOUSING-AND-FULFILLMENT-OF-WISCONSIN",
        [
            (
                "partners/northstar.yaml:4:21: identities[0].id: "
                "'NORTHSTAR-WAREHOUSING-AND-FULFILLMENT-OF...' does not fit; expected 1 to 15 "
                "characters without blanks at the ends"
            ),
        ],
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "lines"),
    [case[1:] for case in BROKEN],
    ids=[case[0].replace(" ", "-") for case in BROKEN],
)
def test_a_broken_configuration_is_refused_where_it_is_broken(
    tmp_path: Path, file: str, old: str, new: str, lines: list[str]
) -> None:
    text = SOUND[file]
    assert old in text
    home = write(tmp_path, SOUND | {file: text.replace(old, new, 1)})
    with pytest.raises(ConfigProblems) as refused:
        config.load(home, {}, maps_too=False)
    assert str(refused.value).splitlines() == lines


def test_the_configuration_that_the_table_breaks_is_sound(tmp_path: Path) -> None:
    assert config.load(write(tmp_path, SOUND), {}).warnings == ()


def test_no_message_repeats_a_secret_that_was_written_as_a_literal() -> None:
    secrets = [case for case in BROKEN if "hunter2" in case[3]]
    assert len(secrets) >= 4
    assert not [line for case in secrets for line in case[4] if "hunter2" in line]


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    broken = {
        G: GATEWAY.replace("production: true", "production: maybe"),
        P: PARTNER.replace("ZZ", "ZZZ").replace("base-945", "base-954"),
        "partners/other.yaml": "name: [Other\n",
        R: ROUTES.replace("{usage: P}", "{usage: Q}"),
        "maps/own.map.yaml": "extends: base-940",
    }
    with pytest.raises(ConfigProblems) as refused:
        config.load(write(tmp_path, broken), {})
    assert str(refused.value).splitlines() == [
        "gateway.yaml:7:5: destinations.erp.production: 'maybe' does not fit; "
        "expected true or false",
        "maps/own.map.yaml:1:1: 'map' is missing; a map file says its name",
        "partners/northstar.yaml:4:6: identities[0].qualifier: 'ZZZ' does not fit; "
        "expected two letters or digits, such as ZZ or 01",
        "partners/other.yaml:2:1: did not find expected ',' or ']'",
        "routes.yaml:3:12: rules[0].when.usage: 'Q' does not fit; expected 'P', 'T' or 'I'",
    ]
