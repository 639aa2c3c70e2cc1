"""Where the stores are, which centre delivers to them, and which prices they show. All ours."""

from typing import NamedTuple


class Centre(NamedTuple):
    """A distribution centre; the ERP masters its stock (DESIGN §8)."""

    code: str
    name: str
    city: str
    country_code: str
    time_zone: str


CENTRES = {
    "GB": Centre("DC-GB", "Daventry DC", "Daventry", "GB", "Europe/London"),
    "EU": Centre("DC-EU", "Venlo DC", "Venlo", "NL", "Europe/Amsterdam"),
    "ME": Centre("DC-ME", "Jebel Ali DC", "Dubai", "AE", "Asia/Dubai"),
    "APAC": Centre("DC-APAC", "Singapore DC", "Singapore", "SG", "Asia/Singapore"),
    "AM": Centre("DC-AM", "Memphis DC", "Memphis", "US", "America/Chicago"),
}

EUROPE = (
    "AD AL AT BA BE BG CH CY CZ DE DK EE ES FI FO FR GI GR HR HU IS IT LI LT LU LV MC MD ME MK"
    " MT NL NO PL PT RO RS SE SI SK SM UA VA XK"
)
REGIONS = {
    "GB": "GB JE GG IM IE",
    "EU": EUROPE,
    "ME": "AE BH EG IL JO KE KW LB MA NG OM QA SA TN TR ZA",
    "APAC": "AU CN HK ID IN JP KR MY NZ PH SG TH TW VN",
    "AM": "AR BR CA CL CO MX PE US UY",
}
REGION_OF = {country: region for region, line in REGIONS.items() for country in line.split()}

IN_POUNDS = {"GB", "JE", "GG", "IM"}


def currency_of(country_code: str) -> str:
    """Pounds in GB and Jersey, euros in the rest of Europe, dollars everywhere else."""
    if country_code in IN_POUNDS:
        return "GBP"
    return "EUR" if REGION_OF[country_code] in ("GB", "EU") else "USD"
