"""Static files under names of their contents, compressed."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

ICON = r'(?P<matched>"src":\s*"(?P<url>[^"]+)")'


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Icons that a web manifest names are found under their new names too."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("*.webmanifest", ((ICON, '"src": "%(url)s"'),)),
    )
