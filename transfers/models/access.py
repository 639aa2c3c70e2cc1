from django.db import models

from .. import permissions


class Access(models.Model):
    """Holds the permissions of this room; it has no table."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = permissions.NAMES
