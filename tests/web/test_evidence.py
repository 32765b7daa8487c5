"""Evidence sheets and PDFs: what they say, that they can be checked, and who may have them."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.records import open_records, upgrade
from bot.cli import main
from bot.content import ContentError
from bot.web import evidence, paper, pdf
from bot.web.evidence import EvidenceError
from tests.rubric.build import DATA, rubric
from tests.web import fakes

STRANGE = "so 😀👨‍👩‍👧 مرحبا 你好 ありがとう 안녕 שלום 𝕬 \u0007 \ufeff naïve “q” → " + "x" * 300


@pytest.fixture
def written(monkeypatch) -> list[str]:
    """Everything that is put on paper, as it is printed."""
    told: list[str] = []
    line, table = paper.Writer.line, paper.Writer.table

    def spy_line(self, text, *args, **more):
        told.append(paper.printable(text))
        line(self, text, *args, **more)

    def spy_table(self, widths, rows):
        told.extend(paper.printable(cell) for row in rows for cell in row)
        table(self, widths, rows)

    monkeypatch.setattr(paper.Writer, "line", spy_line)
    monkeypatch.setattr(paper.Writer, "table", spy_table)
    return told


def talk(browser, replies: int = 7, **more) -> str:
    session_id = browser.begin(**more)
    for number in range(replies):
        browser.say(session_id, f"What happened {number}?")
    browser.write(f"/sessions/{session_id}/end")
    return session_id


# -- paper ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, told",
    [
        ("plain “quotes” – naïve → ✓", "plain “quotes” – naïve → ✓"),
        ("hi 😀", "hi [grinning face]"),
        ("👨‍👩‍👧", "[man][woman][girl]"),
        ("ok مرحبا", "ok [Arabic, 5 letters]"),
        ("你好", "[Chinese characters, 2 letters]"),
        ("a\u0007b", "a[unknown sign]b"),
    ],
)
def test_what_the_font_lacks_is_named(text, told):
    assert paper.printable(text) == told


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_no_text_stops_the_printer(text):
    out = paper.Writer("A title", text)
    out.line(text)
    out.table((60, 60), [["a", "b"], [text, text]])
    assert out.output().startswith(b"%PDF-")


def test_report_is_given_as_pdf_with_words_of_any_script(guest, written):
    session_id = talk(guest)
    strange = guest.begin()
    guest.say(strange, STRANGE)
    guest.write(f"/sessions/{strange}/end")
    answer = guest.get(f"/sessions/{session_id}/report.pdf")
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF-")
    assert answer.headers["content-type"] == "application/pdf"
    assert re.search(r'filename="talk-with-kris-\d{4}-\d\d-\d\d\.pdf"', answer.headers["content-disposition"])
    told = "\n".join(written)
    for shown in ("A talk with Kris", "Collaboration: solid (4 of 5, 71 of 100)", "Trust began at 30 of 100",
                  "You worked side by side", "Shared steering", "What was your first sentence",
                  "neither certifies anybody"):  # fmt: skip
        assert shown in told, shown
    assert guest.get(f"/sessions/{strange}/report.pdf").status_code == 200
    assert "[Arabic, 5 letters]" in "\n".join(written)


def test_a_talk_that_goes_on_has_no_pdf(guest):
    session_id = guest.begin()
    answer = guest.get(f"/sessions/{session_id}/report.pdf")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sessions/{session_id}/report")


def test_files_are_named_in_plain_letters():
    assert paper.file_name(("evidence", "Zoë Ñandú 你", "1"), ".pdf") == "evidence-zoe-nandu-1.pdf"


# -- who may have what -----------------------------------------------------------------------------


def test_trainees_get_their_own_and_nobody_elses(open_browser, records):
    ana, ben = open_browser("ana", "trainee"), open_browser("ben", "trainee")
    session_id = talk(ana)
    assert ben.get(f"/sessions/{session_id}/report.pdf").status_code == 404
    ana_id = records.user_by_name("ana").id
    for ending in ("", ".pdf", ".json"):
        assert ana.get(f"/evidence{ending}").status_code == 200
        assert ben.get(f"/instructor/trainees/{ana_id}/evidence{ending}").status_code == 403
    assert session_id in ana.get("/evidence.json").text
    assert session_id not in ben.get("/evidence.json").text


def test_instructors_get_everybodys(open_browser, records):
    ana, ina = open_browser("ana", "trainee"), open_browser("ina", "instructor")
    session_id = talk(ana)
    path = f"/instructor/trainees/{records.user_by_name('ana').id}/evidence"
    assert "Ana" in ina.get(path).text and path in ina.get(f"/instructor/sessions/{session_id}").text
    assert ina.get(f"{path}.pdf").content.startswith(b"%PDF-")
    assert ina.get(f"{path}.json").json()["content"]["trainee"]["name"] == "Ana"
    assert ina.get("/instructor/trainees/nobody/evidence").status_code == 404
    assert ina.get(f"/sessions/{session_id}/report.pdf").status_code == 200


def test_visitors_are_sent_to_sign_in(browser):
    for path in ("/evidence", "/evidence.pdf", "/evidence.json", "/instructor/trainees/x/evidence"):
        assert browser.get(path).headers["location"].startswith("/sign-in")


# -- what the sheet says ----------------------------------------------------------------------------


def test_the_sheet_says_that_it_certifies_nobody_and_gives_hours_versions_and_hash(guest, written):
    talk(guest)
    page = guest.get("/evidence").text
    saved = guest.get("/evidence.json").json()
    content = saved["content"]
    assert "certifies nobody" in content["statement"] and content["statement"] in page
    assert content["practice"]["talks"] == content["practice"]["scored_talks"] == 1
    assert content["practice"]["replies"] == 7
    assert content["versions"]["rubrics"] == [fakes.RUBRIC]
    assert saved["sha256"] in page
    guest.get("/evidence.pdf")
    told = "\n".join(written)
    assert content["statement"] in told and "SHA-256" in told


def test_the_hash_is_that_of_canonical_json_and_does_not_know_the_time(guest):
    talk(guest)
    one, two = guest.get("/evidence.json").json(), guest.get("/evidence.json").json()
    assert one["made_at"] != two["made_at"] and one["sha256"] == two["sha256"]
    plain = json.dumps(one["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(plain.encode()).hexdigest() == one["sha256"]


def test_a_changed_file_is_found_out():
    sheet = evidence.sealed({"practice": {"hours": 1.5}}, "2026-11-21T00:00:00+00:00")
    assert evidence.opened(json.dumps(sheet).encode()) == {"practice": {"hours": 1.5}}
    sheet["content"]["practice"]["hours"] = 15.0
    for raw in (json.dumps(sheet).encode(), b"\xff", b"[]", b"{}"):
        with pytest.raises(EvidenceError):
            evidence.opened(raw)


def test_idle_time_is_no_practice():
    begin = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
    times = [(begin + timedelta(seconds=s)).isoformat() for s in (0, 60, 90, 90 + 7200, 90 + 7260)]
    assert evidence.practice_seconds(times) == 60 + 30 + 300 + 60
    assert evidence.practice_seconds(times[:1]) == evidence.practice_seconds([]) == 0


TALKS = [
    {"indicators": {"C1": 4.0, "H6": 2.0}, "safety_gate": "not_applicable"},
    {"indicators": {"C1": 5.0, "H6": 4.0}, "safety_gate": "pass"},
]


def test_a_competency_is_the_mean_of_its_indicators():
    told = evidence._summary(evidence.Competency("a", "A", ("C1", "C2")), TALKS, {"C1": "Steering"})
    assert (told["mean"], told["talks"]) == (4.5, 2)
    assert told["indicators"] == [
        {"id": "C1", "name": "Steering", "talks": 2, "mean": 4.5, "latest": 5.0, "best": 5.0}
    ]
    crisis = evidence._summary(evidence.Competency("c", "C", ("H6",), needs_safety=True), TALKS, {})
    assert (crisis["mean"], crisis["safety_passed"]) == (4.0, 1)
    none = evidence._summary(evidence.Competency("n", "N", ()), TALKS, {})
    assert (none["mean"], none["is_practiced_here"]) == (None, False)


def test_what_nothing_called_for_is_no_evidence(guest, records):
    session_id = talk(guest)
    detail = dict(records.session_score(session_id).detail)
    detail["evidence"] = {"C1": {"P": 1.0, "N": 0.0, "called": 1}, "H7": {"P": 0.0, "N": 0.0, "called": 0}}
    records.store_session_score(session_id, fakes.RUBRIC, detail)
    (told,) = guest.get("/evidence.json").json()["content"]["talks"]
    assert told["indicators"] == {"C1": 3.7}


def test_every_indicator_stands_in_one_domain():
    read = evidence.read_competencies(DATA, rubric().indicators)
    assert len(read.competencies) == 12 and len(read.domains) == 4
    placed = [name for domain in read.domains for name in domain.indicators]
    assert sorted(placed) == sorted(rubric().indicators)


@pytest.mark.parametrize(
    "old, new, told",
    [
        ("indicators: [C1, C4, S4, H5]", "indicators: [C1, C4, S4]", "H5 must stand in exactly one domain"),
        ("indicators: [H4]", "indicators: [H44]", 'did you mean "H4"'),
        ("statement: >-", "statment: >-", '"statement" is missing'),
    ],
)
def test_mistakes_in_the_mapping_are_named(tmp_path, old, new, told):
    text = (DATA / "competencies.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "competencies.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        evidence.read_competencies(tmp_path, rubric().indicators)
    assert told in str(caught.value)


def test_make_and_verify_on_the_command_line(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'r.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    upgrade(url)
    records = open_records(url)
    user = records.create_user("ana", "Ana", "trainee", password_hash="x")
    records.start_session(
        "11111111-1111-1111-1111-111111111111", "kris", 1, user_id=user.id, scenario_version="1",
        rubric_version="1", model_version="1",
    )  # fmt: skip
    records.end_session("11111111-1111-1111-1111-111111111111", "stopped")
    records.close()

    def run(*words: str):
        return CliRunner().invoke(main, ["evidence", *words])

    sheet = tmp_path / "ana.json"
    assert "SHA-256" in run("make", "ana", "--out", str(sheet)).output
    assert run("make", "ana", "--out", str(tmp_path / "ana.pdf")).exit_code == 0
    assert run("make", "nobody", "--out", str(sheet)).exit_code == 1
    assert run("make", "ana", "--out", str(tmp_path / "ana.txt")).exit_code == 2
    good = run("verify", str(sheet))
    assert good.exit_code == 0 and "say the same" in good.output
    saved = json.loads(sheet.read_text(encoding="utf-8"))
    saved["content"]["practice"]["hours"] = 40.0
    sheet.write_text(json.dumps(saved), encoding="utf-8")
    assert run("verify", str(sheet)).exit_code == 1
    sheet.write_text(json.dumps(evidence.sealed(saved["content"], "now")), encoding="utf-8")
    forged = run("verify", str(sheet))  # with a hash of its own it still is not what the records say
    assert forged.exit_code == 1 and "practice" in forged.output


def test_the_pdf_of_an_empty_sheet(written):
    mapping = evidence.read_competencies(DATA, rubric().indicators)
    content = {
        "statement": mapping.statement,
        "trainee": {"id": "1", "name": STRANGE},
        "practice": {"talks": 0, "scored_talks": 0, "replies": 0, "minutes": 0.0, "hours": 0.0, "people": [],
                     "first": None, "last": None},
        "competencies": [evidence._summary(item, [], {}) for item in mapping.competencies],
        "domains": [evidence._summary(item, [], {}) for item in mapping.domains],
        "talks": [],
        "versions": {"competencies": "1.0", "rubrics": [], "models": []},
        "notes": [],
    }  # fmt: skip
    assert pdf.evidence_pdf(evidence.sealed(content, "2026-11-21T00:00:00+00:00"), {}).startswith(b"%PDF-")
    assert "not practiced here" in written and "no talk has called for it yet" in written
