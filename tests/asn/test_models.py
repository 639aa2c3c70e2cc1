"""What the database refuses, whoever writes."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from asn import permissions
from asn.models import Asn, AsnLine, Fate
from tests.people import person


def test_every_unit_of_a_line_is_somewhere(dock):
    dock.bare_asn()
    lines = AsnLine.objects.all()
    lines.update(received=6, in_transit=1, lost=1, damaged=1, returned=1)
    lines.update(received=13, over_received=3, in_transit=0, lost=0, damaged=0, returned=0)
    lines.update(received=3, over_received=0, never_shipped=5, received_elsewhere=2)
    (line,) = lines
    assert (line.shipped, line.written_off, line.variance) == (5, 0, -7)


@pytest.mark.parametrize(
    "change",
    [
        {"received": 1},
        {"in_transit": 9},
        {"over_received": 1},
        {"lost": 1},
        {"in_transit": 11, "lost": -1},
        {"received": -1, "in_transit": 11},
        {"expected": 9},
    ],
    ids=str,
)
def test_no_unit_appears_or_vanishes(dock, change):
    dock.bare_asn()
    with pytest.raises(IntegrityError), transaction.atomic():
        AsnLine.objects.update(**change)


def test_every_fate_is_a_column_of_the_line():
    columns = [fate.column for fate in Fate]
    assert len(set(columns)) == len(Fate)
    assert {field.name for field in AsnLine._meta.fields} >= set(columns)


def test_closed_is_final_and_has_a_time(dock):
    asn = dock.bare_asn()
    rows = Asn.objects.filter(pk=asn.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(status="CLOSED")
    rows.update(status="CLOSED", closed_at=timezone.now())
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        rows.update(status="OPEN", closed_at=None)
    rows.update(revision=7)


def test_one_number_is_one_asn(dock):
    dock.bare_asn()
    with pytest.raises(IntegrityError):
        dock.bare_asn()


def test_both_ends_see_it_and_only_its_destination_acts(dock):
    asn = dock.bare_asn(origin=dock.london)
    sender = person("sender", "Store Manager", stores=(dock.london,))
    stranger = person("stranger", "Store Manager", stores=(dock.erp,))
    for user, sees, acts in (
        (dock.manager, True, True),
        (dock.viewer, True, True),
        (sender, True, False),
        (stranger, False, False),
        (AnonymousUser(), False, False),
    ):
        assert Asn.objects.visible_to(user).filter(pk=asn.pk).exists() is sees, user
        assert Asn.objects.acted_on_by(user).filter(pk=asn.pk).exists() is acts, user


def test_who_may_look_may_force_close_while_the_setting_is_on(settings):
    assert "inventory.view_inventory_management" in permissions.force_closing()
    settings.FORCE_CLOSE_NEEDS_ONLY_VIEW = False
    assert permissions.force_closing() == ("asn.force_close_asns",)
