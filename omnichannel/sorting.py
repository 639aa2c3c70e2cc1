"""The stored key by which text is sorted: the same order on every server (DESIGN §8)."""

import unicodedata


def sort_key(text: str) -> str:
    """Casefolded, without accents: "Éclair" and "eclair" stand together."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
