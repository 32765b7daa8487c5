"""How sure a reading is, and what else the words may have been: the score as an expectation.

A part of a reply that is read as information (.45), advice (.35) or support (.2) is shown as its likeliest
reading, as the rubric asks. Its score counts that reading by how sure it is and the others by how likely they
are, so that a close call costs and earns about half of a clear one. Such faint readings touch the criteria of
the reply and nothing else: no flag, no feedback, no indicator and no limit is built on them.
"""

from __future__ import annotations

from dataclasses import replace

from actions.context_rules import Moves, apply_context
from actions.judgement import JudgedMove
from actions.moment import Moment, sent
from bot.reading import Evidence


def sureness(probability: float, moment: Moment) -> float:
    """Return how far a reading counts: in full from `certain` on, under it in proportion."""
    return round(min(1.0, probability / moment.rubric.reply.doubt["certain"]), 6)


def heard_faintly(picked: Moves, moment: Moment) -> Moves:
    """Return what the parts of a reply may have been besides their likeliest readings, after context.

    Each is put through the context rules beside the reply's moves as if it had been read so: advice that was
    asked for is no harm, praise before listening is worth three tenths.

    Args:
        picked: The likeliest readings, before the context rules.
        moment: The moment.
    """
    rule = moment.rubric.reply.doubt
    heard = []
    for part in moment.reading.sentences:
        if moment.is_off_the_record(part.start, part.end):
            continue
        read = {move.move for move in picked if move.start < part.end and part.start < move.end}
        for name, probability in sent(part):
            if name in rule["weighed"] and name not in read and probability >= rule["least"]:
                heard.append(moment.judged(Evidence(part.start, part.end, name, probability)))
    return tuple(faint for move in heard for faint in _in_context(move, picked, moment))


def _in_context(move: JudgedMove, picked: Moves, moment: Moment) -> Moves:
    """Return a faint move as the context rules leave it; nothing where another move takes its words."""
    marked = replace(move, is_faint=True)
    return tuple(item for item in apply_context((*picked, marked), moment) if item.is_faint)
