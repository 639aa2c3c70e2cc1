import os

from django.core.wsgi import get_wsgi_application

from omnichannel.keys import refuse_without_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichannel.settings")
refuse_without_key()
application = get_wsgi_application()
