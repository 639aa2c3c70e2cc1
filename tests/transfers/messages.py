"""Warehouses' messages for tests, in envelopes that count right."""

from tests.asn.messages import DATA

GROUPS = {"940": "OW", "943": "AR", "944": "RE", "945": "SW"}
REAL_940 = DATA / "ediengine" / "940.2.OK.edi"
IN_CASES = DATA / "ediengine" / "940.OK.edi"
CUT_940 = DATA / "ediengine" / "940_Failed_SE01.edi"
REAL_943 = DATA / "stupidedi" / "004010_AR943_pass_1.edi"
REAL_944 = DATA / "stupidedi" / "004010_RE944_pass_1.edi"
OUR_945 = DATA / "ours" / "945.edi"
SHIPPED_FROM, SENT_TO = "N1*SF*Shop*92*GB-01", "N1*ST*Shop*92*DE-01"


def x12(*sets: tuple[str, list[str]], number: int = 7, usage: str = "P") -> bytes:
    """One interchange with a set of each type and body, which begins after ST."""
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'WH':15}*ZZ*{'US':15}*260302*0930*U*00401*{number:09}*0*{usage}*>"
    lines = [isa]
    for at, (kind, body) in enumerate(sets, start=1):
        lines += [
            f"GS*{GROUPS[kind]}*WH*US*20260302*0930*{at}*X*004010",
            f"ST*{kind}*{at:04}",
            *body,
            f"SE*{len(body) + 2}*{at:04}",
            f"GE*1*{at}",
        ]
    lines.append(f"IEA*{len(sets)}*{number:09}")
    return "".join(f"{line}~\n" for line in lines).encode()


def ordered(ref: str, *items: tuple[str, object], status: str = "N", unit: str = "EA"):
    """940: units of each item from GB-01 to DE-01; an item is its qualifier and value."""
    body = [f"W05*{status}*{ref}", SHIPPED_FROM, SENT_TO, "G62*02*20260310", "NTE*WHI*Fragile"]
    for at, (code, units) in enumerate(items, start=1):
        body += [f"LX*{at}", f"W01*{units}*{unit}**{code}"]
    return "940", body


def shipped(ref: str, *items: tuple[str, object], number: str = "SH-1", kind: str = "945"):
    """943 or 945: units of each item have left GB-01 for DE-01."""
    body = [f"W06*F*{ref}*20260302*{number}", SHIPPED_FROM, SENT_TO, "W27*M*PARC"]
    for at, (code, units) in enumerate(items, start=1):
        item = f"W12*CC*{units}*{units}**EA**{code}" if kind == "945" else f"W04*{units}*EA**{code}"
        body += [f"LX*{at}", item] if kind == "945" else [item]
    return kind, body


def arrived(number: str, ref: str, *items: tuple[str, object], shipment: str = ""):
    """944: units of each item have come to DE-01."""
    body = [f"W17*F*20260303*{number}*{ref}*{shipment}".rstrip("*"), "N1*WH*Shop*92*DE-01"]
    body += [f"W07*{units}*EA**{code}" for code, units in items]
    return "944", body
