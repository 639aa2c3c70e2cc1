from django.db import models


class DemoLoad(models.Model):
    """That the demo was loaded, and by how many weeks its year was moved: decided once."""

    loaded_at = models.DateTimeField()
    shifted_weeks = models.IntegerField()

    class Meta:
        default_permissions = ()
