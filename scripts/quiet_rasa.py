"""Rasa's command line without its libraries' start-up noise: `python scripts/quiet_rasa.py data validate`.

What Rasa itself has to say, warnings above all, is shown as ever. The exit code is Rasa's.
"""

import sys
from pathlib import Path

# The checkout comes first and this folder not at all, as if `rasa` had been called in the checkout.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bot.logs import quiet  # noqa: E402

quiet()

from rasa.__main__ import main  # noqa: E402

sys.argv[0] = "rasa"
main()
