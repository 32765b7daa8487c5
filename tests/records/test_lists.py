from __future__ import annotations

import pytest
import sqlalchemy as sa

from actions.records import Records, RecordsError
from tests.records.conftest import Hands, begin


@pytest.fixture
def full(records: Records, clock: Hands) -> Records:
    """Seven sessions, s0 the oldest; s5 and s6 began in the same instant; ana's are the even ones."""
    ana = records.create_user("ana", "Ana", "trainee", None)
    for number in range(7):
        begin(
            records,
            f"s{number}",
            "kris" if number < 4 else "marisol",
            ana.id if number % 2 == 0 else None,
        )
        if number < 5:
            clock.wait(minutes=1)
    records.end_session("s0", "good")
    records.end_session("s4", "rupture")
    for count in range(3):
        records.store_trainee_message("s2", f"m{count}", "hi")
    records.store_session_score("s2", "rubric-1", {"overall": 40})
    records.store_session_score("s2", "rubric-1", {"overall": 44})
    return records


def ids(page) -> list[str]:
    return [summary.session.id for summary in page.sessions]


def test_newest_first(full: Records) -> None:
    page = full.sessions_page()
    assert ids(page) == ["s6", "s5", "s4", "s3", "s2", "s1", "s0"]
    assert page.next_before is None


def test_a_line_says_what_an_instructor_looks_for(full: Records) -> None:
    summary = full.sessions_page().sessions[4]
    assert (summary.trainee_name, summary.is_guest, summary.replies) == ("Ana", False, 3)
    assert summary.score.detail == {"overall": 44}
    nameless = full.sessions_page().sessions[5]
    assert (nameless.trainee_name, nameless.replies, nameless.score) == (None, 0, None)


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_join_without_gap_or_repeat(full: Records, limit: int) -> None:
    seen, before = [], None
    while True:
        page = full.sessions_page(before=before, limit=limit)
        seen += ids(page)
        before = page.next_before
        if before is None:
            break
    assert seen == ["s6", "s5", "s4", "s3", "s2", "s1", "s0"]


def test_a_session_begun_meanwhile_moves_no_page(full: Records, clock: Hands) -> None:
    first = full.sessions_page(limit=3)
    clock.wait(minutes=1)
    begin(full, "new")
    assert ids(full.sessions_page(before=first.next_before, limit=3)) == ["s3", "s2", "s1"]


def test_narrowing_the_list(full: Records) -> None:
    ana = full.user_by_name("ana")
    assert ids(full.sessions_page(scenario_id="marisol")) == ["s6", "s5", "s4"]
    assert ids(full.sessions_page(user_id=ana.id)) == ["s6", "s4", "s2", "s0"]
    assert ids(full.sessions_page(ending="good")) == ["s0"]
    assert ids(full.sessions_page(ending="open")) == ["s6", "s5", "s3", "s2", "s1"]
    assert ids(full.sessions_page(user_id=ana.id, scenario_id="kris", ending="open")) == ["s2"]


@pytest.mark.parametrize("before", ["", "x", "2026-03-01~s1", "2026-03-01T00:00:00+00:00~"])
def test_a_damaged_page_address(full: Records, before: str) -> None:
    with pytest.raises(RecordsError, match="first page"):
        full.sessions_page(before=before)


@pytest.mark.parametrize("limit", [0, 501])
def test_a_page_has_a_sensible_size(full: Records, limit: int) -> None:
    with pytest.raises(RecordsError, match="1 to 500"):
        full.sessions_page(limit=limit)


def queries(records: Records, work) -> list[tuple[str, object]]:
    """Return the queries that `work` makes."""
    seen: list = []

    def note(_c, _cursor, statement, parameters, _context, _many) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    sa.event.listen(records.engine, "before_cursor_execute", note)
    work()
    sa.event.remove(records.engine, "before_cursor_execute", note)
    return seen


def test_a_page_costs_three_queries(full: Records) -> None:
    assert len(queries(full, lambda: full.sessions_page(limit=2))) == 3
    assert len(queries(full, lambda: full.sessions_page(limit=7))) == 3


@pytest.mark.parametrize(
    "narrow", [{}, {"scenario_id": "kris"}, {"user_id": "x"}, {"ending": "good"}, {"ending": "open"}]
)
@pytest.mark.parametrize("before", [None, "2026-03-01T09:30:00+00:00~s1"])
def test_no_page_reads_or_sorts_the_whole_table(full: Records, backend: str, narrow: dict, before) -> None:
    statement, parameters = queries(full, lambda: full.sessions_page(before=before, **narrow))[0]
    with full.engine.connect() as connection:
        if backend == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            text = " ".join(row[3] for row in plan)
            assert "USING INDEX ix_practice_sessions" in text
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            text = " ".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))
            assert "ix_practice_sessions" in text
    assert "TEMP B-TREE" not in text
