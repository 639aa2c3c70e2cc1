"""Numbers of GS1: their check digits, and the forms in which one number travels."""

import re

GTIN_LENGTHS = (8, 12, 13, 14)
SSCC_LENGTH = 18
# The application identifier with which a label's bar code begins.
SSCC_PREFIX = "00"


def has_good_check_digit(digits: str) -> bool:
    """GS1's mod 10: weights 3 and 1 in turn, from the digit before the last to the left."""
    if not re.fullmatch("[0-9]+", digits):
        return False
    weighed = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits[-2::-1])
    )
    return (weighed + int(digits[-1])) % 10 == 0


def is_gtin(code: str) -> bool:
    return len(code) in GTIN_LENGTHS and has_good_check_digit(code)


def is_sscc(code: str) -> bool:
    """With or without the prefix of the label."""
    if len(code) == SSCC_LENGTH + 2 and code.startswith(SSCC_PREFIX):
        code = code[2:]
    return len(code) == SSCC_LENGTH and has_good_check_digit(code)


def forms_of_gtin(code: str) -> list[str]:
    """The code as sent, then the same number in other lengths: a UPC travels as EAN with a zero."""
    if not re.fullmatch("[0-9]{6,14}", code):
        return [code]
    bare = code.lstrip("0")
    others = [bare.zfill(length) for length in GTIN_LENGTHS if len(bare) <= length]
    return list(dict.fromkeys([code, *others]))
