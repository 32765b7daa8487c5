"""The forms that people fill in, checked by WTForms, each with a CSRF token of this browser."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from wtforms import Form, HiddenField, PasswordField, RadioField, StringField
from wtforms.csrf.core import CSRF
from wtforms.validators import EqualTo, InputRequired, Length, Regexp

from bot.web.problems import STALE_FORM, ProblemError
from bot.web.security import csrf_token, is_csrf_token, is_same_origin

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""Shape of the ids that browsers and programs make for sessions and messages."""


class VisitCSRF(CSRF):
    """Puts this browser's token in the form and takes no other."""

    def setup_form(self, form: Any) -> Any:
        """Remember the request that the form belongs to."""
        self.request: Request = form.meta.csrf_context
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        """Return the token for the hidden field."""
        return csrf_token(self.request)

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        """Refuse a form that did not come from one of our pages."""
        if not is_same_origin(self.request) or not is_csrf_token(self.request, field.data):
            raise ProblemError(STALE_FORM)


class SafeForm(Form):
    """A form with a CSRF token; everything that changes something derives from it."""

    class Meta:
        csrf = True
        csrf_class = VisitCSRF
        csrf_field_name = "csrf_token"

    @classmethod
    def of(cls, request: Request, data: Any = None, **defaults: Any) -> Any:
        """Return the form for a request, filled from what was posted, if anything was."""
        return cls(data, data=defaults, meta={"csrf_context": request})


class SignInForm(SafeForm):
    """Name and password."""

    username = StringField(
        "Name", [InputRequired("Type your name."), Length(max=200, message="That name is too long.")]
    )
    password = PasswordField(
        "Password",
        [InputRequired("Type your password."), Length(max=1024, message="That password is too long.")],
    )
    next = HiddenField()


class InviteForm(SafeForm):
    """What a person with an invite chooses: a name to sign in with, a name to be called, a password."""

    username = StringField(
        "Name to sign in with",
        [
            InputRequired("Choose a name to sign in with."),
            Length(min=2, max=64, message="Use 2 to 64 characters."),
            Regexp(r"^[\w.@+-]+$", message="Use letters, digits and . @ + - _ only, without spaces."),
        ],
    )
    display_name = StringField(
        "What should we call you?",
        [InputRequired("Type the name we should call you."), Length(max=100, message="That is too long.")],
    )
    password = PasswordField(
        "Password",
        [
            InputRequired("Choose a password."),
            Length(min=10, max=1024, message="Use at least 10 characters. A short sentence works well."),
        ],
    )
    again = PasswordField(
        "Password, once more",
        [InputRequired("Type it once more."), EqualTo("password", "The two passwords differ.")],
    )


class StartForm(SafeForm):
    """How to begin a practice session; the id makes a double click start one session, not two."""

    session_id = HiddenField(validators=[Regexp(UUID, message="Reload the page and try once more.")])
    feedback = RadioField(
        "Feedback",
        choices=[
            ("during", "Show me feedback after each reply"),
            ("end", "Show me feedback only at the end"),
        ],
        default="during",
        validators=[InputRequired("Choose when to see feedback.")],
    )


class ButtonForm(SafeForm):
    """A form that is only a button: sign out, practise as a guest, delete."""
