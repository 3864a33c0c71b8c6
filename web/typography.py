"""French typography: no-break spaces where a line must not break."""

import re
from functools import lru_cache

NBSP = "\u00a0"
NARROW = "\u202f"
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_UNITS = "h|min|s|jours?|heures?|minutes?|semaines?|mois|ans?|points?|%|€|Mo|ko|caractères?"
_UNIT = re.compile(rf"(\d) ({_UNITS})\b")
_WIDE = re.compile(r" (%%?|[:€])(?=[\s<.,)]|$)")
_THIN = re.compile(r" ([;!?])(?=[\s<.,)]|$)")


@lru_cache(maxsize=4096)
def french(sentence: str) -> str:
    """The sentence with curved apostrophes, and no-break spaces before high punctuation, in « » and before units."""
    sentence = (
        _APOSTROPHE.sub("’", sentence).replace("« ", "«" + NBSP).replace(" »", NBSP + "»").replace("n° ", "n°" + NBSP)
    )
    sentence = _WIDE.sub(NBSP + r"\1", sentence)
    sentence = _THIN.sub(NARROW + r"\1", sentence)
    return _UNIT.sub(rf"\1{NBSP}\2", sentence)
