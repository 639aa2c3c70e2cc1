"""Envelopes of X12 and EDIFACT: whole ones are read, broken ones named with segment and cause."""

import contextlib
import io
import random
from pathlib import Path

import pytest

from omnichannel.imports.archive import Source
from omnichannel.imports.edi import segments, window
from omnichannel.imports.edi.envelopes import messages
from omnichannel.imports.edi.gs1 import forms_of_gtin, has_good_check_digit, is_gtin, is_sscc
from omnichannel.imports.rows import BadFile

DATA = Path(__file__).resolve().parents[1] / "data" / "edi"
# File → its messages, or what it is refused for.
REAL = {
    "ediengine/850.Composite.SLN.OK.edi": "850",
    "ediengine/850.OK.edi": "850",
    "ediengine/850.SyntaxNotes.ERR.edi": "850",
    "ediengine/856.Crossdock.OK.edi": "856",
    "ediengine/940.2.OK.edi": "940",
    "ediengine/940.OK.edi": "940",
    "ediengine/940_Failed_SE01.edi": r"segment 11 \(SE\): it counts 12, but ST 20066 holds 9",
    "ediengine/ControlNumbersMismatch.edi": r"segment 7 \(SE\): .* 0002, but it closes ST 0001",
    "ediengine/MultipleInterchangesAndGroups.edi": "940 940 940 940 940 940",
    "ediengine/NonEdi.edi": "segment 1 begins with “Tk9OIEVE” where ISA",
    "ediengine/WrongGroupsAndTranCount.edi": r"segment 8 \(GE\): it counts 2, but GS 3314 holds 1",
    "gozer/asn856.txt": r"segment 35 \(IEA\): .* 000000049, but it closes ISA 000003438",
    "gozer/po850.txt": r"segment 23 \(SE\): it counts 33, but ST 000000010 holds 21",
    "gozer/x12.missing.ISA.txt": r"begins with “GS\*SH\*44”",
    "gozer/x12.wrong.GS.txt": r"segment 2 \(XX\): it stands in no message",
    "gozer/x12.wrong.ISA.txt": r"begins with “XXX\*01\*0”",
    "ours/desadv.edi": "DESADV",
    "ours/desadv-two-orders.edi": "DESADV",
    "ours/945.edi": "945",
    "stupidedi/002001_SH856_fail_1.edi": "856 856",
    "stupidedi/003010_PO850_fail_1.edi": r"segment 29 \(SE\): it counts 28, but ST 0001 holds 27",
    "stupidedi/004010_AR943_pass_1.edi": "943",
    "stupidedi/004010_PO850_pass_1.edi": "850",
    "stupidedi/004010_RE944_pass_1.edi": "944",
    "stupidedi/004010_SC832_fail_1.edi": r"segment 19 \(SE\): it counts 1659",
    "stupidedi/004010_SC832_fail_2.edi": "832",
    "stupidedi/004010_SH856_fail_2.edi": r"segment 24 \(SE\): it counts 25, but .* holds 22",
}
X12 = (
    "ISA*00*          *00*          *ZZ*S              *ZZ*R              *260302*0930*U*00401*"
    "000000007*0*P*>~GS*SH*S*R*20260302*0930*3*X*004010~ST*856*0001~BSN*00*A*20260302*0930~"
    "SE*3*0001~GE*1*3~IEA*1*000000007~"
)
EDIFACT = "UNB+UNOC:3+S+R+260302:0930+7'UNH+1+DESADV:D:96A:UN'BGM+351+A+9'UNT+3+1'UNZ+1+7'"


def of(data: bytes | str, name: str = "some.edi") -> Source:
    data = data.encode() if isinstance(data, str) else data
    return Source("asns", name, lambda: io.BytesIO(data))


def read(data: bytes | str) -> list:
    return list(messages(of(data)))


def test_every_real_file_has_a_verdict():
    files = {str(path.relative_to(DATA)) for path in DATA.glob("*/*")}
    assert files == set(REAL)


@pytest.mark.parametrize("name", sorted(REAL))
def test_a_real_file_is_read_or_refused_with_segment_and_cause(name):
    data, verdict = (DATA / name).read_bytes(), REAL[name]
    if verdict[:3].isdigit() or verdict.startswith("DESADV"):
        assert " ".join(message.type for message in read(data)) == verdict
        return
    with pytest.raises(BadFile, match=verdict):
        read(data)


def segments_of(text: str) -> list[str]:
    sign = text[-1]
    return [f"{part}{sign}" for part in text.split(sign)[:-1]]


@pytest.mark.parametrize("text", [X12, EDIFACT], ids=["x12", "edifact"])
@pytest.mark.parametrize(
    "end", ["", "\n", "\r\n", "\r\n \r\n"], ids=["bare", "lf", "crlf", "blank"]
)
def test_line_ends_between_segments_mean_nothing(text, end):
    (message,) = read(end.join(segments_of(text)) + end)
    assert [segment.number for segment in message.segments] == (
        [3, 4, 5] if message.standard == "X12" else [2, 3, 4]
    )


@pytest.mark.parametrize("text", [X12, EDIFACT], ids=["x12", "edifact"])
def test_whichever_segment_of_an_envelope_is_missing_nothing_comes_in(text):
    """And the text names a segment, or that the file ends."""
    parts = segments_of(text)
    for at, part in enumerate(parts):
        if part[:3] in {"BSN", "BGM"}:
            continue
        with pytest.raises(BadFile, match=r"segment \d|The file ends before"):
            read("".join(parts[:at] + parts[at + 1 :]))


@pytest.mark.parametrize("text", [X12, EDIFACT], ids=["x12", "edifact"])
def test_whichever_segment_of_an_envelope_stands_twice_nothing_comes_in(text):
    parts = segments_of(text)
    for at in range(len(parts)):
        with pytest.raises(BadFile, match=r"segment \d|The file ends before"):
            read("".join([*parts[: at + 1], *parts[at:]]))


@pytest.mark.parametrize("text", [X12, EDIFACT], ids=["x12", "edifact"])
def test_a_file_that_ends_anywhere_before_its_end_is_refused(text):
    """Only the last terminator may be lacking; many a transfer takes the last line's end away."""
    for length in range(len(text) - 1):
        with pytest.raises(BadFile):
            read(text[:length])
    assert len(read(text[:-1])) == 1


@pytest.mark.parametrize(
    ("text", "change", "told"),
    [
        (X12, ("IEA*1*000000007", "IEA*1*000000008"), r"\(IEA\): its control number is 000000008"),
        (X12, ("IEA*1*", "IEA*2*"), r"7 \(IEA\): it counts 2, but ISA 000000007 holds 1"),
        (X12, ("GE*1*3", "GE*1*4"), r"6 \(GE\): its control number is 4, but it closes GS 3"),
        (X12, ("GE*1*", "GE*9*"), r"\(GE\): it counts 9, but GS 3 holds 1"),
        (X12, ("SE*3*0001", "SE*3*0002"), r"5 \(SE\): its control number is 0002"),
        (X12, ("SE*3*", "SE*x*"), r"\(SE\): it counts x, but ST 0001 holds 3"),
        (X12, ("SE*3*0001", "SE"), r"\(SE\): its control number is –"),
        (X12, ("ST*856*0001", "ST*856"), r"3 \(ST\): its control number, element 2, is empty"),
        (EDIFACT, ("UNZ+1+7", "UNZ+1+8"), r"5 \(UNZ\): its control number is 8"),
        (EDIFACT, ("UNZ+1+", "UNZ+2+"), r"\(UNZ\): it counts 2, but UNB 7 holds 1"),
        (EDIFACT, ("UNT+3+", "UNT+4+"), r"4 \(UNT\): it counts 4, but UNH 1 holds 3"),
        (EDIFACT, ("UNT+3+1", "UNT+3+2"), r"\(UNT\): its control number is 2"),
        (EDIFACT, ("UNOC", "UNOX"), "names the character set “UNOX”"),
        (EDIFACT, ("UNB", "UNA:+.? 'UNH"), "UNA is not followed by UNB"),
        (X12, ("*P*>~", "*P*>A"), "signs that cannot divide it"),
    ],
)
def test_a_number_that_does_not_fit_is_named(text, change, told):
    assert change[0] in text
    with pytest.raises(BadFile, match=told):
        read(text.replace(*change))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "some.edi is empty"),
        (b" \r\n\t ", "some.edi is empty"),
        (b"ISA", "fewer than 16 elements"),
        (b"UNA", "ends within UNA"),
        (b"\0" * 40, "no EDI of a kind"),
        (b"PK\x03\x04 no text at all", "no EDI of a kind"),
        (X12.replace("BSN*00", "BSN*\0").encode(), "Segment 4 holds a NUL byte"),
        (X12.encode() + b"\x1a", "segment 8 begins with"),
        (X12.encode() + b"garbage~", "segment 8 begins with “garbage~”"),
        (
            EDIFACT.replace("UNOC", "UNOY")
            .replace("+A+", "+\udcff+")
            .encode(errors="surrogateescape"),
            "Segment 3 is not in the character set",
        ),
    ],
    ids=str,
)
def test_what_is_no_edi_is_refused_in_words(data, told):
    with pytest.raises(BadFile, match=told):
        read(data)


def test_a_segment_without_end_is_refused_after_a_bounded_look(monkeypatch):
    """A gigabyte without a terminator is not read to its end."""
    monkeypatch.setattr(window, "BLOCK", 1_000)
    stream = io.BytesIO(X12.encode().replace(b"SE*3", b"*" * 2_000_000))
    with pytest.raises(BadFile, match="Segment 5 does not end: within 32000 bytes"):
        list(segments.segments(Source("asns", "long.edi", lambda: stream)))
    with pytest.raises(ValueError, match="closed"):
        stream.read()


@pytest.mark.parametrize("block", [1, 2, 7, 64])
def test_where_a_block_of_the_file_ends_means_nothing(monkeypatch, block):
    whole = (DATA / "ours/desadv.edi").read_bytes() + b"\r\n" + X12.encode()
    expected = list(segments.segments(of(whole)))
    monkeypatch.setattr(window, "BLOCK", block)
    assert list(segments.segments(of(whole))) == expected


def test_a_released_sign_divides_nothing():
    text = EDIFACT.replace("+A+", "+a?+b?'c??+??:?:+")
    bgm = read(text)[0].segments[1]
    assert bgm.elements == (("351",), ("a+b'c?",), ("?", ":"), ("9",))


def test_umlauts_come_in_whichever_way_their_standard_allows():
    for encoding, name in (("latin-1", "UNOC"), ("utf-8", "UNOY"), ("iso8859-5", "UNOE")):
        word = "Ж" if name == "UNOE" else "Ü"
        text = EDIFACT.replace("UNOC", name).replace("+A+", f"+{word}+")
        assert read(text.encode(encoding))[0].segments[1].get(2) == word
    for encoding in ("latin-1", "utf-8", "utf-8-sig"):
        text = X12.replace("*A*", "*Ü*").encode(encoding)
        assert read(text)[0].segments[1].get(2) == "Ü"


def test_the_next_interchange_may_be_divided_by_other_signs():
    other = X12.replace("~", "\n").replace("*", "|").replace(">", "^")
    assert [message.standard for message in read(X12 + other + EDIFACT)] == [
        "X12",
        "X12",
        "EDIFACT",
    ]


def test_an_acknowledgement_between_envelopes_is_passed_over():
    assert len(read(X12.replace("GS*", "TA1*000000001*260301*0900*A*000~GS*", 1))) == 1


def test_tests_are_told_from_earnest():
    assert [m.is_test for m in read(X12 + X12.replace("*P*", "*T*"))] == [False, True]
    marked = EDIFACT.replace("0930+7'", "0930+7++++++1'")
    assert [m.is_test for m in read(EDIFACT + marked)] == [False, True]


def test_damaged_bytes_are_refused_or_read_and_never_anything_else():
    """A thousand files with some bytes changed, cut or doubled."""
    chance = random.Random(20_260_302)
    wholes = [X12.encode(), EDIFACT.encode(), (DATA / "ours/desadv.edi").read_bytes()]
    refused = 0
    for _turn in range(1_000):
        data = bytearray(chance.choice(wholes))
        for _change in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        with contextlib.suppress(BadFile):
            read(bytes(data))
            continue
        refused += 1
    assert 300 < refused < 1_000


def test_check_digits_and_the_forms_of_one_number():
    assert has_good_check_digit("4006381333931")
    assert not any(has_good_check_digit(f"400638133393{n}") for n in (0, 2, 9))
    assert not has_good_check_digit("")
    assert not has_good_check_digit("４００６３８１３３３９３１")
    assert is_gtin("2010000000014")
    assert not is_gtin("02010000000014"[:11])
    assert is_sscc("020100000000000014")
    assert is_sscc("00020100000000000014")
    assert not is_sscc("10020100000000000014")
    assert not is_sscc("020100000000000015")
    assert forms_of_gtin("036000291452") == ["036000291452", "0036000291452", "00036000291452"]
    assert forms_of_gtin("AB-1") == ["AB-1"]
