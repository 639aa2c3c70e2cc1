"""Messages for tests, in envelopes that count right."""

from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data" / "edi"
CROSSDOCK = DATA / "ediengine" / "856.Crossdock.OK.edi"
DESADV = DATA / "ours" / "desadv.edi"
TWO_ORDERS = DATA / "ours" / "desadv-two-orders.edi"

# With good check digits, of a prefix for use within a company.
GTINS = ("2010000000014", "2010000000021", "2010000000038")
# As they are sent; LABELS are as a scan of the carton reads them.
SSCCS = ("020100000000000014", "020100000000000021", "020100000000000038")
LABELS = tuple(f"00{sscc}" for sscc in SSCCS)
SHIPMENT = ("HL*1**S", "DTM*011*20260302*0930*UT", "N1*SF*Supplier*92*DC-1", "N1*ST*Shop*92*DE-01")


def x12(*sets: list[str], usage: str = "P") -> bytes:
    """One interchange with a set of each list, which begins after ST."""
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'S':15}*ZZ*{'R':15}*260302*0930*U*00401*000000007*0*{usage}*>"
    lines = [isa, "GS*SH*S*R*20260302*0930*3*X*004010"]
    for number, body in enumerate(sets, start=1):
        lines += [f"ST*856*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]
    lines += [f"GE*{len(sets)}*3", "IEA*1*000000007"]
    return "".join(f"{line}~\n" for line in lines).encode()


def bsn(reference: str = "S-1", purpose: str = "00") -> str:
    return f"BSN*{purpose}*{reference}*20260302*0930"


def item(code: str, units: object = 5, unit: str = "EA", number: int = 0) -> Iterator[str]:
    """The segments of an item; `code` is its qualifier and value, X12's way."""
    yield from (f"HL*{number}*2*I", f"LIN**{code}", f"SN1**{units}*{unit}")


def one_order(*codes: str, po: str = "PO-1", reference: str = "S-1", **fields: object) -> list[str]:
    """A shipment to DE-01 with one order of five units of each code."""
    lines = [bsn(reference), *SHIPMENT, "HL*2*1*O", f"PRF*{po}"]
    for number, code in enumerate(codes, start=3):
        lines += item(code, number=number, **fields)  # type: ignore[arg-type]
    return lines
