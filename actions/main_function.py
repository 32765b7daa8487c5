"""What a reply mostly does, in the four classes of motivational interviewing: asks, reflects, informs, else.

Coders of real conversations often give a whole turn one class (MISC and MITI call it the main behavior of
a turn). The four have none for affirming, blaming or taking part: whatever is said about the other person
and neither asks nor informs counts as giving something of theirs back. Used in batch scoring only; the
score of a reply knows 40 moves and needs no such summary.
"""

from __future__ import annotations

from bot.reading import Reading

QUESTION, REFLECTION, INPUT, ELSE = "question", "reflection", "therapist_input", "other"

_FAMILIES: tuple[tuple[str, float, frozenset[str]], ...] = (
    (
        INPUT,
        0.5,
        frozenset(
            (
                "give_information pressure_warn expert_stance scope_violation link_support co_create_goal "
                "take_over advise_with_permission unsolicited_advice direct_command impose_pathway"
            ).split()
        ),
    ),
    (
        QUESTION,
        0.5,
        frozenset(
            (
                "open_question closed_question seek_collaboration evoke_own_reasons elicit_strength "
                "brainstorm_options ask_permission match_pace safety_ask deficit_focus"
            ).split()
        ),
    ),
    (
        REFLECTION,
        0.25,
        frozenset(
            (
                "simple_reflection complex_reflection reframe_strength validate affirm_strength "
                "honor_pathway confront_blame minimize deficit_focus"
            ).split()
        ),
    ),
)
"""Classes in the order in which they take a reply, with the probability from which they do: what informs
or asks must be likelier than not; for giving back, a chance of one in four that it is about them is enough,
because next to nothing but listening sounds and greetings is left."""


def main_function(reading: Reading) -> str:
    """Return `question`, `reflection`, `therapist_input` or `other` for a whole reply.

    Args:
        reading: What was understood of the reply.
    """
    for name, least, moves in _FAMILIES:
        for part in reading.sentences:
            if sum(p for move, p in part.moves.items() if move in moves) >= least:
                return name
    return ELSE
