"""The messages that announce goods, and how their files are read."""

from omnichannel.imports.edi.reading import edi_of

from . import desadv, x12_856

EDI = edi_of({("X12", "856"): x12_856.notices_of, ("EDIFACT", "DESADV"): desadv.notices_of})
