from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    default = True
    name = "omnichannel.accounts"
    verbose_name = _("People")


class ManagerAdminConfig(admin.AdminConfig):
    default = False
    default_site = "omnichannel.accounts.site.ManagerSite"
