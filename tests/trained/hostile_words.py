"""Words that no line of a peer may hold, and harmless phrases that hold them.

A line passes when nothing is found in it once the harmless phrases are taken out. A new line with such a
word needs either other words or, after thought, a phrase in `HARMLESS`.
"""

from __future__ import annotations

import re

NUMBER = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a dozen|a couple|a few)"

FORBIDDEN = {
    "a way or means to die or be hurt": (
        r"guns?|pistols?|rifles?|shotguns?|bullets?|ropes?|noose|hang(?:ed|ing)? (?:my|him|her|your)self|"
        r"overdos\w*|od'd|oding|slit|wrists?|razors?|blades?|kni(?:fe|ves)|jump(?:ed|ing)? (?:off|from)|"
        r"ledge|rooftop|train tracks|drown\w*|carbon monoxide|gas(?:sed)?|poison\w*|bleach|cutting|cut my\w*|"
        r"stab(?:bed|bing|s)?|shot|shoot\w*|suffocat\w*|chok(?:e|ed|ing) my\w*|strangl\w*"
    ),
    "a drug's form or way of taking it": (
        r"pills?|tablets?|capsules?|syringes?|needles?|inject\w*|snort\w*|smok(?:e|ed|ing)|"
        r"crush(?:ed|ing)? (?:it|them|up)|shoot up|shot up"
    ),
    "an amount or dose": (
        r"\d+ ?(?:mg|ml|milligrams?|grams?|units)|mg|milligrams?|doses?|dosage|dosing|taper\w*|wean\w*|"
        + NUMBER
        + r" (?:more |whole |full )?(?:pills|tablets|beers|drinks|shots|bottles|glasses|bags|hits|joints)|"
        r"a fifth of|a handle of|a pint of|a six-?pack"
    ),
    "getting, hiding or passing": (
        r"dealers?|plug|scored?|stash\w*|hook(?:ed)? (?:me|you) up|buy (?:weed|drugs|pills|dope)|"
        r"fake (?:pee|urine)|(?:pass|beat|fool)(?:ed)? the (?:test|screen)|my guy (?:has|sells)|"
        r"sneak\w*|smuggl\w*"
    ),
    "medical direction": (
        r"you should (?:take|stop|try|quit|skip)|(?:stop|quit|skip) (?:taking|your (?:meds|medication|dose))|"
        r"double up|diagnos\w+|"
        r"take (?:more|less|extra) (?:of|meds|medication)|cold turkey|"
        r"you have (?:bipolar|depression|ptsd|adhd)"
    ),
    "legal direction": r"plead|sue them|sue him|lawsuit|you should (?:sign|file|refuse|plead)|lawyer",
    "an invitation to use, or its praise": (
        r"get(?:ting)? high|best (?:high|drink)|let'?s (?:drink|use|smoke|get drunk)|have a (?:drink|beer)|"
        r"one (?:drink|beer) (?:won'?t|wouldn'?t)|drink with me|use with me|buzz|wasted|worth it|"
        r"felt (?:amazing|so good|incredible)|drinking is fun|you should (?:drink|use)"
    ),
    "encouragement to die": (
        r"you should die|kill yourself|go ahead and die|better off dead|no reason to live|rather be dead"
    ),
}
"""What is looked for, each a pattern over whole words in any case."""

HARMLESS = (
    # idioms and things of daily life
    "my knife's just ok, dont tell my knife", "means im up, im cutting, im not crying",
    "a good deal of smoke", "i take the score of", "keep score for nobody", "could tell you the score",
    "get the score through the wall", "a van, and a dog lawyer", "try to be worth it",
    "worth a shot", "shoulder's shot", "sure, shoot", "shoot. mics open", "okay. shoot", "jumped the gun",
    "riding shotgun", "like wet rope", "open a refrigerator by a rope", "gas bill", "gas station",
    "out of gas", "saving her the gas", "bleach and old beer", "same smoke", "cold water on my wrists",
    "quit smoking when i was pregnant", "needle moved like a hair", "high score", "brother scored",
    "for the dealer in town", "without a buzz", "let me put the knife down", "they see my knife work",
    "handed me a diagnosis of the joke", "tiny lawyer", "considered a lawyer", "do i get a lawyer",
    "not a lawyer", "there was a lawyer in a bolo tie", "that lawyer charged", "it's not drink with me",
    "the way you know a score", "not sure it's scored for me", "it was gas", "woke her up. worth it",
    "the needle on the record", "get the fan blades", "if gas is kind", "one good knife",
    "took my knives and said", "cutting board", "nobody with my knife", "smoke alarm", "otherwise bleach",
    "sneaking to the back to watch", "carving knife", "plug into a computer", "starter's gun",
    "keep the score on a bread wrapper", "fires a shot", "renee kept score", "so i plug them",
    "dont smoke, no", "two glasses full and walking", "dosa smoke", "gas for the hatchback",
    "no smoking, no gambling", "how i'd score it", "while it's still smoke", "cutting oil",
    "sneakers, glasses on a chain", "wasted? ask me", "kept score out loud", "quit smoking at thirty",
    "whens are shot", "that it wants cutting", "past that the dealer does it",
    # of the program, by the neutral voice
    "nothing is scored", "isn't scored", "nothing here is scored",
    # how her brother died, as she says it: no means, no amount, no more than the word
    "it was an overdose",
    # afraid of medicine, and would ask a doctor
    "it'd be the pill that loves her",
    # one's own prescribed medicine, without name, strength or advice
    "just allergy pills", "on allergy pills",
    "just an allergy pill", "one pill, mornings", "one tablet, with the oatmeal",
    "blood pressure pill", "plain little tablet", "every pill i take", "take the evening pills",
)  # fmt: skip
"""Phrases that were read in their place and hold nothing to learn from."""

_FORBIDDEN = {
    why: re.compile(rf"(?<![\w'])(?:{words})(?![\w'])", re.IGNORECASE) for why, words in FORBIDDEN.items()
}
_HARMLESS = re.compile("|".join(re.escape(phrase) for phrase in HARMLESS), re.IGNORECASE)


def wrong_with(text: str) -> list[str]:
    """Return what a line holds that it must not, with the words; empty for a line that may be said."""
    rest = _HARMLESS.sub(" ", text.replace("\u2019", "'"))
    return [
        f"{why}: {match.group()}" for why, pattern in _FORBIDDEN.items() for match in pattern.finditer(rest)
    ]
