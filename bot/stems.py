"""Words cut to a rough stem, shared by the assessment and the peer, so that "weekends" meets "weekend"."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return a word without its commonest endings, so that "weekends" meets "weekend".

    Deliberately light: it must be easy to foresee, not linguistically right.
    """
    if word.isdigit() or len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("ingly", "edly", "ing", "est", "ed", "ly", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            base = word[: -len(ending)]
            if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz":
                base = base[:-1]
            return base[:-1] if base.endswith("e") and len(base) > 3 else base
    return word[:-1] if word.endswith("e") and len(word) > 4 else word
