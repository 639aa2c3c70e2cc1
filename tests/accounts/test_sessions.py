import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from omnichannel.accounts.models import User
from omnichannel.accounts.sessions import BEGAN, SessionStore
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


def is_signed_in(client) -> bool:
    return client.get("/account/password/change/").status_code == 200


def give(user):
    user.groups.add(Group.objects.create(name="New"))


def give_by_sql(user):
    group = Group.objects.create(name="New")
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into accounts_user_groups (user_id, group_id) values (%s, %s)",
            [user.pk, group.pk],
        )


def take(user):
    user.groups.clear()


def delete_role(user):
    Group.objects.filter(name="Viewer").delete()


def make_staff(user):
    User.objects.filter(pk=user.pk).update(is_staff=True)


def make_superuser(user):
    User.objects.filter(pk=user.pk).update(is_superuser=True)


@pytest.mark.parametrize(
    "change", [give, give_by_sql, take, delete_role, make_staff, make_superuser]
)
def test_a_session_ends_when_the_roles_change_whoever_changed_them(change):
    anna = person("anna", "Viewer")
    bert = person("bert", "Viewer" if change is not delete_role else "Associate")
    anna_client, bert_client = signed_in(anna), signed_in(bert)
    assert is_signed_in(anna_client)
    change(anna)
    assert not is_signed_in(anna_client)
    assert is_signed_in(bert_client)


def test_a_session_survives_what_is_no_role():
    anna = person("anna", "Viewer", "Associate")
    client = signed_in(anna)
    User.objects.filter(pk=anna.pk).update(first_name="Anna", last_login=timezone.now())
    assert is_signed_in(client)


def test_what_a_role_may_do_counts_from_the_next_request():
    anna = person("anna", "Viewer")
    anna.groups.get().permissions.clear()
    assert not User.objects.get(pk=anna.pk).has_perm("inventory.view_inventory_management")


def test_a_busy_session_still_ends_twelve_hours_after_sign_in():
    client = signed_in(person("anna"))
    key = client.cookies["session"].value
    session = SessionStore(key)
    session[BEGAN] = time.time() - 11.5 * 3600
    session.save()
    for visit in range(3):
        session = SessionStore(key)
        session["visit"] = visit
        session.save()
    left = Session.objects.get(pk=key).expire_date - timezone.now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    session = SessionStore(key)
    session[BEGAN] = time.time() - 12.1 * 3600
    session.save()
    assert not is_signed_in(client)


def test_a_visit_before_sign_in_does_not_shorten_the_session():
    session = SessionStore()
    session[BEGAN] = time.time() - 11 * 3600
    session.save()
    session.cycle_key()
    session.save()
    left = Session.objects.get(pk=session.session_key).expire_date - timezone.now()
    assert left > timedelta(hours=11, minutes=59)


def test_a_rotated_secret_keeps_sessions(settings):
    anna = person("anna", "Viewer")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another secret"
    assert old
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newest", ["another secret"]
    assert anna.get_session_auth_hash() not in set(anna.get_session_auth_fallback_hash())
    settings.SECRET_KEY = "another secret"
    hash_before = anna.get_session_auth_hash()
    settings.SECRET_KEY = "newest"
    assert hash_before in set(anna.get_session_auth_fallback_hash())
