from __future__ import annotations

import pytest

from bot import accounts
from tests.web.conftest import PASSWORD, QUICK, Browser, make_app


def test_guest_comes_in_at_this_computer(browser):
    assert "Practice as a guest" in browser.get("/").text
    answer = browser.submit("/guest")
    assert (answer.status_code, answer.headers["location"]) == (303, "/scenarios")
    assert browser.get("/scenarios").status_code == 200


@pytest.mark.parametrize(
    "client, base_url, host, more",
    [
        ("192.168.1.9", "http://127.0.0.1:8000", "127.0.0.1", {}),
        ("127.0.0.1", "http://practice.example:8000", "127.0.0.1", {}),
        ("127.0.0.1", "http://127.0.0.1:8000", "0.0.0.0", {}),
        ("127.0.0.1", "http://127.0.0.1:8000", "127.0.0.1", {"X-Forwarded-For": "8.8.8.8"}),
    ],
)
def test_guest_is_not_offered_to_anybody_else(tmp_path, records, engine, client, base_url, host, more):
    browser = Browser(make_app(tmp_path, records, engine, host), client, base_url)
    browser.headers.update(more)
    assert "as a guest" not in browser.get("/").text
    assert browser.submit("/guest").status_code == 403
    assert not records.users()


def test_sign_in_sets_a_guarded_cookie_and_returns_to_the_page(browser, records):
    accounts.add_user(records, "ana", "Ana", "trainee", PASSWORD, hasher=QUICK)
    asked = browser.get("/scenarios/kris")
    assert asked.headers["location"] == "/sign-in?next=%2Fscenarios%2Fkris"
    answer = browser.submit("/sign-in", username="ana", password=PASSWORD, next="/scenarios/kris")
    assert answer.headers["location"] == "/scenarios/kris"
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("switchback="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie


def test_cookies_are_bound_to_https_where_there_is_https(app, records):
    accounts.add_user(records, "ana", "Ana", "trainee", PASSWORD, hasher=QUICK)
    browser = Browser(app, base_url="https://practice.example")
    answer = browser.submit("/sign-in", username="ana", password=PASSWORD)
    cookie = next(value for value in answer.headers.get_list("set-cookie") if "switchback=" in value)
    assert cookie.startswith("__Host-switchback=") and "Secure" in cookie
    assert browser.get("/scenarios").status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\r\nb"]
)
def test_sign_in_leads_to_our_own_pages_only(browser, records, target):
    accounts.add_user(records, "ana", "Ana", "trainee", PASSWORD, hasher=QUICK)
    answer = browser.submit("/sign-in", username="ana", password=PASSWORD, next=target)
    assert answer.headers["location"] == "/scenarios"


def test_wrong_password_says_so_without_saying_which_part(browser, records):
    accounts.add_user(records, "ana", "Ana", "trainee", PASSWORD, hasher=QUICK)
    known = browser.submit("/sign-in", username="ana", password="not this one at all")
    unknown = browser.submit("/sign-in", username="nobody", password="not this one at all")
    assert known.status_code == unknown.status_code == 422
    assert "do not match" in known.text and "do not match" in unknown.text
    assert "not this one at all" not in known.text


def test_too_many_tries_must_wait(browser, records):
    accounts.add_user(records, "ana", "Ana", "trainee", PASSWORD, hasher=QUICK)
    answers = [browser.submit("/sign-in", username="ana", password="guess number one") for _ in range(7)]
    assert answers[-1].status_code == 429
    assert "Wait" in answers[-1].text


def test_sign_out_ends_the_sign_in_not_only_the_cookie(guest):
    token = guest.cookies["switchback"]
    guest.submit("/sign-out")
    guest.cookies.set("switchback", token)
    assert guest.get("/scenarios").status_code == 303


def test_signing_in_again_ends_the_sign_in_before(browser, records):
    accounts.add_user(records, "ana", "Ana", "trainee", PASSWORD, hasher=QUICK)
    browser.as_guest()
    old = browser.cookies["switchback"]
    browser.submit("/sign-in", username="ana", password=PASSWORD)
    assert accounts.who(records, old) is None


@pytest.mark.parametrize("role, home", [("trainee", "/scenarios"), ("instructor", "/instructor")])
def test_invite_makes_an_account_once(browser, records, role, home):
    _, token = accounts.invite(records, role)
    assert "Welcome to Switchback" in browser.get(f"/invite/{token}").text
    fields = {"username": "rosa", "display_name": "Rosa M.", "password": PASSWORD, "again": PASSWORD}
    answer = browser.submit(f"/invite/{token}", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, home)
    assert browser.get(home).status_code == 200
    assert records.user_by_name("rosa").role == role
    again = browser.submit(f"/invite/{token}", **{**fields, "username": "second"})
    assert again.status_code == 404 and "does not work anymore" in again.text


@pytest.mark.parametrize(
    "change, words",
    [
        ({"again": "something else here"}, "The two passwords differ"),
        ({"password": "short", "again": "short"}, "at least 10 characters"),
        (
            {"password": "passwordpassword", "again": "passwordpassword", "username": "passwordpassword"},
            "password",
        ),
        ({"username": "has spaces"}, "without spaces"),
        ({"username": ""}, "Choose a name"),
        ({"username": "taken"}, "has this name already"),
    ],
)
def test_invite_form_says_what_to_change_and_stays_usable(browser, records, change, words):
    accounts.add_user(records, "taken", "T", "trainee", PASSWORD, hasher=QUICK)
    _, token = accounts.invite(records, "trainee")
    fields = {"username": "rosa", "display_name": "Rosa", "password": PASSWORD, "again": PASSWORD, **change}
    answer = browser.submit(f"/invite/{token}", **fields)
    assert answer.status_code == 422 and words in answer.text
    assert PASSWORD not in answer.text
    assert accounts.open_invite(records, token) is not None


FORMS = ["/guest", "/sign-in", "/sign-out", "/scenarios/kris"]


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", [None, "", "wrong", "é" * 64])
def test_every_form_needs_the_token_of_this_browser(guest, records, path, token):
    before = len(records.users())
    answer = guest.post(path, data={} if token is None else {"csrf_token": token})
    assert answer.status_code == 403 and "open too long" in answer.text
    assert len(records.users()) == before
    assert guest.get("/scenarios").status_code == 200


def test_token_of_another_browser_is_refused(app, guest):
    other = Browser(app)
    assert guest.post("/sign-out", data={"csrf_token": other.token()}).status_code == 403


@pytest.mark.parametrize(
    "header", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_right_token_from_another_site_is_refused(guest, header):
    answer = guest.post("/sign-out", data={"csrf_token": guest.token()}, headers=header)
    assert answer.status_code == 403


def test_every_api_write_needs_the_token(guest, records):
    session_id = guest.begin()
    for path in ("", f"/{session_id}/messages", f"/{session_id}/pause", f"/{session_id}/end"):
        answer = guest.post(f"/api/v1/sessions{path}", json={"scenario": "kris"})
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:switchback:problem:stale-page")
    assert records.session(session_id).ending is None


def test_strangers_see_nothing_private(browser, guest):
    session_id = guest.begin()
    stranger = Browser(browser.app)
    for path in ("/scenarios", f"/sessions/{session_id}", f"/sessions/{session_id}/report", "/instructor"):
        assert stranger.get(path).headers["location"].startswith("/sign-in?next=")
    answer = stranger.get(f"/api/v1/sessions/{session_id}")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_trainees_see_their_own_sessions_only(open_browser):
    ana, ben = open_browser("ana", "trainee"), open_browser("ben", "trainee")
    session_id = ana.begin()
    ana.say(session_id, "How are you?")
    ana.write(f"/sessions/{session_id}/end")
    for path in (
        f"/sessions/{session_id}",
        f"/sessions/{session_id}/report",
        f"/api/v1/sessions/{session_id}",
    ):
        assert ana.get(path).status_code in (200, 303)
        assert ben.get(path).status_code == 404
    for action in ("pause", "resume", "end", "feedback", "messages"):
        assert (
            ben.write(f"/sessions/{session_id}/{action}", {"id": session_id, "text": "x"}).status_code == 404
        )
    assert ben.get("/instructor").status_code == 403
    assert ben.get(f"/instructor/sessions/{session_id}").status_code == 403
    assert ben.write("/sessions", {"scenario": "kris", "id": session_id}).status_code == 404


def test_instructors_read_every_session_and_speak_in_none(open_browser):
    ana, ina = open_browser("ana", "trainee"), open_browser("ina", "instructor")
    session_id = ana.begin()
    ana.say(session_id, "How are you?")
    assert ina.get(f"/instructor/sessions/{session_id}").status_code == 200
    assert ina.get(f"/api/v1/sessions/{session_id}").status_code == 200
    assert ina.say(session_id, "I am not Ana").status_code == 404
    assert ina.write(f"/sessions/{session_id}/end").status_code == 404


def test_headers_on_every_kind_of_answer(guest):
    for path in ("/", "/scenarios", "/nope", "/healthz", "/api/v1/scenarios", "/static/base.css"):
        headers = guest.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        is_static = path.startswith("/static/")
        assert headers["cache-control"] == ("no-cache" if is_static else "no-store")


def test_pages_carry_no_inline_script_or_style(guest):
    session_id = guest.begin()
    for path in ("/scenarios", "/scenarios/kris", f"/sessions/{session_id}", "/supports"):
        text = guest.get(path).text
        assert " style=" not in text and "<style" not in text and " onclick=" not in text
        assert "<script>" not in text and "http://" not in text.replace("http://www.w3.org", "")


def test_health_needs_nobody(browser):
    assert browser.get("/healthz").json() == {"status": "ok"}
