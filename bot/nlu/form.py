"""The form of a clause as numbers: how it begins, who is in it, how it urges, what it has of the peer's.

The encoder knows what a clause is about; whether "you" are told, asked or heard lies in its form.
Everything is read from `wording.readable` text, so that "u shld" counts as "you should".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from bot.peer.forms import asks_tersely

_WH = r"(?:what|how|why|when|where|who|which)"
_LEAD = (
    r"^(?:(?:so|and|but|ok|okay|well|yeah|yes|right|now|oh|all right|alright|mm+|hm+|sure|then|also|like)"
    r",? )*"
)
_AUX = (
    r"(?:do|does|did|are|is|was|were|have|has|had|can|could|would|will|should|may|don't|doesn't|didn't|"
    r"aren't|isn't|"
    r"wasn't|haven't|can't|couldn't|wouldn't|won't|shouldn't)"
)
_FEEL = (
    r"(?:sad|scared|afraid|angry|mad|hurt|alone|lonely|tired|exhausted|worn|ashamed|guilty|proud|happy|"
    r"glad|anxious|"
    r"worried|nervous|frustrated|overwhelmed|stuck|lost|numb|torn|hopeful|hopeless|embarrassed|"
    r"relieved|stressed|"
    r"confused|upset|disappointed|betrayed|trapped|desperate|panick\w*|terrified|drained|judged|"
    r"invisible|excited)"
)

CUES: dict[str, str] = {
    "wh_first": _LEAD + _WH + r"\b",
    "what_first": _LEAD + r"what\b",
    "how_first": _LEAD + r"how\b",
    "why_first": _LEAD + r"why\b",
    "wh_inverted": rf"\b{_WH}(?: \w+)? {_AUX}\b",
    "wh_short": rf"\b{_WH}'(?:s|d|re|ll)\b",
    "aux_first": _LEAD + _AUX + r" (?:you|it|that|there|he|she|they|this|we|your|any|the|his|her|my|i)\b",
    "aux_you_first": _LEAD + _AUX + r" you\b",
    "aux_i_first": _LEAD + r"(?:can|could|may|might|should|would|is it ok|would it be ok)\b.* i\b",
    "ends_question": r"\?['\")\]]*$",
    "question_inside": r"\?.",
    "tag": r",? (?:right|huh|yeah|eh|no|isn't it|is it|is that right|do i have that right|am i|did i|"
    r"don't you|"
    r"aren't you|haven't you|you know)\??$",
    "tell_me": r"\b(?:tell me|say more|walk me through|help me understand|talk (?:to me )?about|"
    r"i'm curious|i wonder|"
    r"i'm wondering|curious)\b",
    "how_many": r"\bhow (?:many|much|long|often|old|far|big)\b|\bwhat time\b|\bwhich (?:one|day)\b",
    "scale": r"\b(?:zero|0|1|one)(?: to | ?- ?)(?:10|ten|5|five)\b|\bhow (?:ready|confident|sure|"
    r"important)\b",
    "i_first": _LEAD + r"(?:i|i'm|i've|i'd|i'll|my|me)\b",
    "i_any": r"\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself)\b",
    "i_past": r"\bi (?:was|had|used|went|did|got|lost|felt|tried|thought|quit|drank|started|stopped|"
    r"hid|lied|spent|"
    r"came|took|made|couldn't|didn't|never|remember|relapsed|\w+ed)\b|\bwhen i\b|\bfor me\b|\bi've been\b",
    "i_helper": r"\bi (?:hear|see|get|understand|wonder|notice|appreciate|believe|trust|hope|know|can|"
    r"could|think|"
    r"want|need|guess|imagine)\b|\bi'm (?:sorry|glad|proud|here|hearing|worried|happy|so)\b",
    "i_think": r"\bi (?:think|feel like|believe|suggest|recommend|would say|'d say)\b",
    "i_will": r"\b(?:i'll|i will|i'm going to|let me)\b",
    "you_first": _LEAD + r"(?:you|you're|you've|you'd|your|you'll)\b",
    "you_any": r"\b(?:you|you're|you've|you'd|you'll|your|yours|yourself)\b",
    "your_first": _LEAD + r"(?:your|part of you|a part of you|some of you)\b",
    "we_any": r"\b(?:we|we're|we'll|we've|let's|us|our|together)\b",
    "it_first": _LEAD
    + r"(?:it|it's|that|that's|this|there|there's|they|they're|he|she|he's|she's|those|these)\b",
    "that_is": _LEAD + r"that(?:'s| is| must| sounds| makes| took| has| was)\b",
    "so_first": r"^so,? ",
    "but_first": r"^(?:but|yeah,? but|well,? but)\b",
    "well_first": r"^well\b",
    "and_first": r"^and\b",
    "like_first": r"^(?:like|as if|because|cause|kind of|almost like|which|since)\b",
    "sounds_like": r"\b(?:sounds?|seems?|looks?|feels?) (?:\w+ )?(?:like|as if|as though|pretty|so|"
    r"really|\w+ing\b)|"
    r"\bit sounds\b|\bi(?:'m)? hear(?:ing)? (?:that|you|how|a)\b|\byou(?:'re| are) saying\b|"
    r"\bi get the sense\b",
    "you_feel": rf"\byou(?:'re| are| feel| felt| were|'ve been)(?: \w+){{0,3}} {_FEEL}\b|\byou feel\b",
    "feeling": rf"\b{_FEEL}\b",
    "part_of": r"\bpart of you\b|\bon (?:the )?one hand\b|\bboth\b|\band (?:yet|still|"
    r"at the same time)\b|\bside of you\b",
    "maybe_guess": r"^(?:so )?(?:maybe|perhaps|almost|more|less|not so much)\b.*\b(?:you|you're|it's|that)\b",
    "should": r"\byou (?:really |just |probably |also |definitely )*(?:should|need to|have to|must|"
    r"ought to|better|got to)"
    r"\b|\byou'd better\b|\byou've got to\b|\byou need\b",
    "could_try": r"\byou (?:could|can|might|may)(?: \w+){0,2} (?:try|want|go|call|ask|get|take|talk|"
    r"look|make|start|"
    r"use|find|see|do|join|write|set|put|keep|also)\b",
    "try": r"\btry(?:ing)?\b",
    "advice_question": r"\bhave you (?:ever )?(?:tried|considered|thought|looked|talked|asked|spoken|"
    r"checked)\b|"
    r"\b(?:why don't|why not|why couldn't|what about|how about|what if|couldn't you|can't you|"
    r"could you not)\b|"
    r"\bdo(?:n't)? you think (?:you|it)\b",
    "if_i_were": r"\bif (?:i were|i was|it were) (?:you|me|in)\b|\bi'd (?:just |probably |definitely )?\w+\b|"
    r"\bi would (?:\w+ )?(?:suggest|recommend|try|say|go|call|just|tell|talk)\b",
    "i_suggest": r"\b(?:suggest|recommend|advise|my advice|best thing|it would be (?:good|better|best|"
    r"helpful)|good idea|"
    r"it (?:helps|might help|may help|could help|can help)|worth)\b",
    "consider": r"\b(?:consider|look into|think about|make sure|remember to|be sure)\b",
    "imperative": _LEAD
    + r"(?:please |just |always |never |don't |do not |now |first |maybe |try to )*(?:go|call|stop|get|take|"
    r"make|talk|ask|stay|keep|write|put|look|start|quit|leave|give|find|try|come|text|delete|block|"
    r"read|join|trust|"
    r"listen|focus|think|remember|use|do|be|let|set|tell|work|learn|avoid|eat|drink|sleep|pick|show|"
    r"cut|move|sign|"
    r"set|forget|calm|hang|relax|consider|reach|check|turn|follow|throw|practice|pray|surround|spend)\b",
    "do_not": r"\b(?:don't|do not|never|stop|quit)\b",
    "permission": r"\b(?:is it|would it be|it'd be|would you be|are you|is that) (?:ok|okay|alright|"
    r"all right|cool|open|up|"
    r"willing|fine|useful|helpful)\b|\b(?:mind if|ok if|okay if|can i|could i|may i|want me to|"
    r"would you like|do you mind|"
    r"want to hear|up for|open to)\b",
    "choice": r"\b(?:up to you|your (?:call|choice|decision|pick|pace|say|terms|move)|you (?:decide|"
    r"choose|pick|get to|"
    r"are in charge|call|know best)|whatever you|whichever|no (?:pressure|rush|wrong)|or not|only you|"
    r"yours to|"
    r"when you're ready|if you (?:want|like|choose|prefer))\b",
    "praise": r"\b(?:great|good|awesome|amazing|excellent|proud|wonderful|fantastic|well done|"
    r"congrat\w*|way to go|"
    r"nice|impressive|brilliant|rock|cool|perfect|bravo|love (?:it|that|this))\b",
    "strength": r"\b(?:strength|strong|courage\w*|brave|guts|honest\w*|effort|showed up|kept|managed|"
    r"care|cared|chose|"
    r"still (?:\w+)|even (?:though|when|with|after)|stuck|protect\w*|skill|able|took (?:a lot|courage|"
    r"guts)|counts|"
    r"not nothing|resilien\w*|determin\w*|commit\w*|handled|you did)\b",
    "sense": r"\bmakes? (?:\w+ )?sense\b|\bunderstandable\b|\bof course\b|\bno wonder\b|\bnormal\b|"
    r"\banyone would\b|"
    r"\banybody would\b|\bnot your fault\b|\bnot alone\b|\b(?:hard|tough|rough|heavy|a lot|unfair|"
    r"painful)\b|\bi'd be\b",
    "sorry": r"\b(?:sorry|apolog\w*|my bad|my fault|my mistake|that's on me|i messed up)\b",
    "thanks": r"\b(?:thank\w*|appreciate)\b",
    "believe": r"\b(?:believe|faith in|hope|confident|trust|you (?:can|will|'ll) (?:do|get|make|be)|"
    r"you'll|you've got this)\b",
    "minimal": r"\b(?:at least|just a|only|could be worse|worse|everyone|everybody|all of us|happens|"
    r"don't worry|"
    r"be (?:fine|ok|okay|alright|all right)|calm|relax|bright side|get over|not that bad|no big deal|"
    r"blessing|reason)\b",
    "certain": r"\b(?:always|never|everyone|nobody|nothing|all|every|definitely|obviously|clearly|"
    r"honestly|fact|truth|"
    r"real\w*|trust me|only way)\b",
    "if_you": r"\bif you (?:don't|keep|continue|want|really|ever|stop|do|go)\b|\bor (?:else|you'll)\b|"
    r"\bunless\b",
    "danger": r"\b(?:die|dead|death|lose|risk|jail|prison|kill|cancer|serious|worse|damage|danger\w*|"
    r"deadline|time|"
    r"running out|too late|funeral|custody|consequence\w*)\b",
    "role": r"\b(?:my (?:job|role|supervisor|training)|peer (?:specialist|worker|support)|i'm not (?:a|"
    r"your|allowed|able|"
    r"qualified)|years|certified|expert|professional|prescriber|lawyer|doctor)\b",
    "safety": r"\b(?:suicid\w*|kill yourself|end(?:ing)? (?:your|it)|hurt(?:ing)? yourself|safe|988|"
    r"911|crisis|emergency|"
    r"alive|harm)\b",
    "people": r"\b(?:group|meeting|friend|sister|brother|mom|family|sponsor|someone|somebody|people|"
    r"anyone|community|"
    r"church|club|program|class|clinic|counselor|therapist)s?\b",
    "fact": r"\b(?:usually|most|some people|a lot of people|studies|research|called|means|covers?|open|"
    r"free|costs?|percent|"
    r"hours|weeks?|days?|there(?:'s| is| are)|it(?:'s| is) (?:a|the)|they (?:have|can|will|need))\b",
    "secret": r"\b(?:promise|swear|guarantee|never tell|between us|secret|won't tell|diagnos\w*|dose|"
    r"bipolar|disorder|legal)\b",
    "fault": r"\b(?:fault|blame|excuse\w*|lie|lied|lying|lazy|selfish|you (?:didn't|never|always|keep|"
    r"threw|chose|blew|"
    r"quit|failed)|real|admit|come on|seriously|typical|ridiculous|knew)\b",
    "backchannel": _LEAD
    + r"(?:m+|mm+[ -]?h+m+|mhm+|uh[ -]?huh|yeah|yep|yup|right|ok|okay|sure|hm+|oh|wow|ah|i see|"
    r"gotcha|got it|lol|haha|cool|no|alright|all right|yes|thanks?|hi|hey|hello|bye|good ?bye)\W*$",
    "greeting": r"^(?:hi|hey|hello|good (?:morning|afternoon|evening)|welcome|nice to)\b",
    "own_words": r"\bin your (?:own )?words\b|\bhow would you\b|\bwhat would you\b|\bwhat do you\b|"
    r"\bwould you (?:like|want)\b",
    "want": r"\byou (?:want|wish|hope|would like|'d like|miss|love|care)\b",
    "past_you": r"\byou (?:were|went|had|did|got|told|said|made|kept|took|came|called|stayed|tried|"
    r"left|\w+ed)\b",
    "good_times": r"\b(?:worked|helped|before|last time|back then|used to|proud|good at|"
    r"got (?:you )?through|gotten through|"
    r"ever|best)\b",
    "step": r"\b(?:step|goal|plan|start|first|tiny|small|week|tonight|tomorrow|today|by (?:friday|"
    r"monday|sunday))\b",
    "practice": r"\b(?:practi[cs]e|rehears\w*|role ?play|write down|what would you say|come with|"
    r"beside you|together)\b",
    "not_me": r"\b(?:i don't (?:know|have)|not sure|no expert|correct me|wrong|off base|am i|did i|"
    r"your life|you know)\b",
    "path": r"\b(?:aa|na|steps?|meetings?|sponsor|god|pray\w*|church|abstinen\w*|sober|clean|"
    r"medication|methadone|"
    r"suboxone|recovery)\b",
    "deficit": r"\b(?:problem|issues?|wrong|symptoms?|fail\w*|trigger\w*|weak\w*|relapse\w*|worst|"
    r"anything else)\b",
    "number": r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|weeks|months)\b",
    "exclaims": r"!",
    "dots": r"\.\.|\u2026|-$|\u2014$",
    "comma": r",",
    "or": r"\bor\b",
    "not_but": r"\bnot\b.*\bbut\b|\bless about\b|\bmore about\b|\bisn't (?:really )?about\b|\bit's not\b",
    "because": r"\b(?:because|so that|since)\b",
    "feels_to": r"\b(?:feels?|felt|feeling)\b",
    "must_be": r"\b(?:must (?:be|have|feel)|that's (?:\w+ )?(?:hard|tough|rough|awful|terrible|a lot)|"
    r"i can imagine)\b",
}
"""A cue's name and the regular expression that shows it."""

_CUES = {name: re.compile(pattern) for name, pattern in CUES.items()}
_WORDS = re.compile(r"[a-z][a-z']*")
_STOP = frozenset(
    "a an the i you he she it we they me him her us them my your his its our their mine yours i'm "
    "you're he's she's it's we're they're i've you've we've they've i'd you'd i'll you'll am is are was "
    "were be been being do does did have has had having will would can could should may might must not "
    "no don't didn't doesn't isn't wasn't can't won't and or but so if then than that this these those "
    "there here what how why when where who which of to in on at for from with by about as into out up "
    "down off over again just really very too also like kind sort know get got go going want think one "
    "thing things some any all more much lot because yeah okay ok well right um uh oh that's what's "
    "there's let let's even still now".split()
)
_CONSENT = re.compile(
    r"^(?:yeah|yes|yep|sure|ok|okay|go ahead|please|fine|i guess so|alright|shoot|by all means|of course)\b"
)
_ASKS_ADVICE = re.compile(
    r"\b(?:what (?:should|do|would|can) (?:i|you)|should i|any (?:ideas?|advice|tips?|suggestions?)|"
    r"how do i|tell me what|"
    r"what's your (?:take|advice)|do you think i|help me|what worked|suggest|your (?:take|tip|idea|opinion)|"
    r"i'd (?:like|be open)|how did you|what (?:helped|works))\b"
)
_REFUSES = re.compile(
    r"\b(?:no|nah|don't (?:tell|want|start|lecture)|stop|not (?:doing|interested|ready|now)|leave me)\b"
)

NUMBERS = (
    "log_words", "shared", "shared_of_peer", "has_peer", "peer_asks", "peer_log_words", "peer_consents",
    "peer_asks_advice", "peer_refuses", "peer_feels", "is_short",
)  # fmt: skip
NAMES: tuple[str, ...] = (*CUES, *NUMBERS)


_ASKING = ("wh_first", "wh_inverted", "wh_short", "aux_first", "ends_question", "tell_me", "scale")

_RELATIVE = re.compile(
    r"^(?:(?:so|and|but|ok|okay|well|yeah|yes|no) )*(?:what|whatever|how|where|when) "
    r"(?:you|i|we|they|he|she) "
    r"(?:\w+ ){1,3}(?:is|are|stays?|was|will|won't|matters?|counts?|makes?|doesn't|goes)\b(?!.*\?)"
)
"""What looks like a question and states something: "what you say stays between us"."""


def asks(text: str) -> bool:
    """Return whether a readable clause asks something, question mark or not."""
    if _RELATIVE.search(text):
        return False
    return asks_tersely(text) or any(_CUES[name].search(text) for name in _ASKING)


_OF_ONESELF = re.compile(
    r"\b(?:am|do|did|don't|didn't|can't|could|can|should|would|was|have|had|will|must) i\b"
    r"|\b(?:me|my|myself)\b"
)
_TO_OTHERS = re.compile(
    r"\b(?:you|your|yours|yourself|you're|you'd|you've|you'll|ask|get|hear|help|off|offer|right|say|share|suggest|"
    r"support|tell|understand|wrong)\b"
)


def asks_somebody(text: str) -> bool:
    """Return whether a readable clause asks the other something.

    "Why am I like this?" in a story of one's own asks nobody; "did I get that right?" does.
    """
    return asks(text) and (not _OF_ONESELF.search(text) or bool(_TO_OTHERS.search(text)))


def asks_plainly(text: str) -> bool:
    """Return whether a readable clause that asks leaves no doubt of it: a question mark, a lone "with who".

    Without one, "when you are low ..." and "do your best" begin just as questions do.
    """
    return "?" in text or asks_tersely(text)


def content_words(text: str) -> frozenset[str]:
    """Return the words of a readable text that carry content, cut to a rough stem.

    Args:
        text: Text from `wording.readable`.
    """
    return frozenset(_stem(word) for word in _WORDS.findall(text) if word not in _STOP and len(word) > 2)


def _stem(word: str) -> str:
    """Cut common endings: "drinking", "drinks" and "drink" are shared words."""
    word = word.split("'")[0]
    for ending in ("ing", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def form_features(texts: Sequence[str], peers: Sequence[str]) -> np.ndarray:
    """Return the form of each clause as numbers.

    Args:
        texts: Readable clauses.
        peers: The readable last line of the peer before each, "" where there was none.

    Returns:
        float32 array of shape `(len(texts), len(NAMES))`, roughly between 0 and 1.
    """
    rows = np.zeros((len(texts), len(NAMES)), dtype=np.float32)
    lines: dict[str, tuple[list[float], frozenset[str]]] = {}
    for number, (text, peer) in enumerate(zip(texts, peers, strict=True)):
        if peer not in lines:
            lines[peer] = (_peer_features(peer), content_words(peer))
        about_peer, peer_words = lines[peer]
        words = content_words(text)
        shared = len(words & peer_words)
        count = len(text.split())
        rows[number, : len(_CUES)] = [pattern.search(text) is not None for pattern in _CUES.values()]
        rows[number, len(_CUES) :] = [
            np.log1p(count) / 3,
            shared / max(1, len(words)),
            shared / max(1, len(peer_words)),
            *about_peer,
            count <= 3,
        ]
    return rows


def _peer_features(peer: str) -> list[float]:
    """Return what matters of the peer's line, in the order of `NUMBERS`."""
    if not peer:
        return [0.0] * 7
    return [
        1.0,
        float("?" in peer),
        float(np.log1p(len(peer.split())) / 4),
        float(_CONSENT.search(peer) is not None),
        float(_ASKS_ADVICE.search(peer) is not None),
        float(_REFUSES.search(peer) is not None),
        float(_CUES["feeling"].search(peer) is not None),
    ]
