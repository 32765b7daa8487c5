"""Makes chat spelling readable for the encoder and the features; offsets are never taken from here."""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Characters without width. Some hide words from filters, some are left by copying."""

SHORTHAND = {
    "u": "you", "ur": "your", "youre": "you're", "urself": "yourself", "r": "are", "y": "why", "n": "and",
    "im": "i'm", "ive": "i've", "id": "i'd", "ill": "i'll", "dont": "don't", "doesnt": "doesn't",
    "didnt": "didn't", "cant": "can't", "couldnt": "couldn't", "wouldnt": "wouldn't", "shouldnt": "shouldn't",
    "wont": "won't", "isnt": "isn't", "arent": "aren't", "wasnt": "wasn't", "werent": "weren't",
    "havent": "haven't", "hasnt": "hasn't", "hadnt": "hadn't", "aint": "isn't", "thats": "that's",
    "thatd": "that would", "thatll": "that will", "whats": "what's", "whatd": "what did", "hows": "how's",
    "howd": "how did", "wheres": "where's", "whens": "when's", "whos": "who's", "whys": "why is",
    "theres": "there's", "theyre": "they're", "theyve": "they've", "theyll": "they'll", "hes": "he's",
    "shes": "she's", "weve": "we've", "youve": "you've", "youll": "you'll", "youd": "you'd", "its": "it's",
    "itll": "it will", "lets": "let's", "wanna": "want to", "gonna": "going to", "gotta": "have to",
    "hafta": "have to", "kinda": "kind of", "sorta": "sort of", "lemme": "let me", "gimme": "give me",
    "dunno": "don't know", "idk": "i don't know", "tbh": "to be honest", "imo": "in my opinion",
    "rn": "right now", "bc": "because", "cuz": "because", "cause": "because", "coz": "because", "w": "with",
    "wo": "without", "abt": "about", "thru": "through", "tho": "though", "til": "until", "prob": "probably",
    "probs": "probably", "def": "definitely", "rly": "really", "srsly": "seriously", "ppl": "people",
    "thx": "thanks", "thanx": "thanks", "ty": "thank you", "pls": "please", "plz": "please", "k": "ok",
    "kk": "ok", "tmrw": "tomorrow", "tmr": "tomorrow", "tonite": "tonight", "b4": "before", "gr8": "great",
    "hav": "have", "wat": "what", "wut": "what", "wht": "what", "hw": "how", "dat": "that", "da": "the",
    "ya": "you", "yall": "you all", "smth": "something", "sth": "something", "msg": "message",
    "appt": "appointment", "meds": "medication", "hr": "hour", "hrs": "hours", "wk": "week",
    "wknd": "weekend",
    "min": "minutes", "mins": "minutes", "yr": "year", "yrs": "years", "btw": "by the way",
    "fyi": "for your information", "omg": "oh my god", "jk": "just kidding", "nvm": "never mind",
    "hbu": "how about you", "wbu": "what about you", "ngl": "not going to lie", "fr": "for real",
    "bf": "boyfriend", "gf": "girlfriend", "bday": "birthday", "2day": "today", "2nite": "tonight",
    "doin": "doing", "goin": "going", "feelin": "feeling", "tryin": "trying", "somethin": "something",
    "nothin": "nothing", "talkin": "talking", "thinkin": "thinking", "havin": "having", "gettin": "getting",
    "lookin": "looking", "drinkin": "drinking", "usin": "using", "hav'nt": "haven't",
}  # fmt: skip
"""Shorthand and apostrophes left out. `ill`, `id`, `cause` are nearly always I'll, I'd, because here."""

_WORD = re.compile(r"[\w']+")
_LONG = re.compile(r"(\w)\1{2,}")
_FILLER = re.compile(r"(?<![\w'])(?:u+h+|u+m+|e+r+m?|uhm+)(?![\w'])[,.]*\s*", re.IGNORECASE)
_STUTTER = re.compile(r"\b(\w{1,5})(?:\s*[-,.\u2013\u2014]+\s*|\s+)\1\b", re.IGNORECASE)
_NOTE = re.compile(r"\[[^\]\n]{0,40}\]")
_TAG = re.compile(r"<[^<>\n]{1,200}>")
_SPACE = re.compile(r"\s+")


_HALF = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """Return the text with halves of surrogate pairs replaced, one for one: offsets stay as they are.

    Broken JSON escapes leave such halves; spaCy and the encoder's tokenizer refuse them.
    """
    return _HALF.sub("\ufffd", text)


def plain(text: str) -> str:
    """Return the text without invisible characters and with simple quotes; one line."""
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", whole(text)))
    text = text.replace("\u2019", "'").replace("\u2018", "'").replace("\u201c", '"').replace("\u201d", '"')
    return _SPACE.sub(" ", text).strip()


def readable(text: str) -> str:
    """Return the clause as it would stand in careful English, lower case.

    Shorthand is written out, drawn-out letters and speech fillers ("um", "I-I", "[laughs]") go.
    The encoder was trained on such text, and "u shld" must meet the words that "you should" meets.
    """
    text = _TAG.sub(" ", _NOTE.sub(" ", plain(text)))
    text = _STUTTER.sub(r"\1", _STUTTER.sub(r"\1", _FILLER.sub("", text)))
    text = _LONG.sub(r"\1\1", text.lower())
    text = _WORD.sub(lambda match: SHORTHAND.get(match.group(), match.group()), text)
    return _SPACE.sub(" ", text).strip()
