"""Whether words begin with a yes or a no of their own."""

from __future__ import annotations

import re

YES_OR_NO = re.compile(
    r"^(?:oh |well |um |uh |hm |mm |ay )?(?:no|nope|nah|not|never|none|nothing|yes|yeah|yep|yup|yea|sure"
    r"|kinda|sort of|i do|i dont|i don't|i have|i am|i'm not|im not)\b",
    re.IGNORECASE,
)
"""An answer that says yes or no itself and needs no other word before it."""


def says_yes_or_no(text: str) -> bool:
    """Return whether words begin with a yes or a no of their own."""
    return bool(YES_OR_NO.match(text))
