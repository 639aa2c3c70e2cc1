"""What is written down about requests."""

import logging
from http import HTTPStatus


class Refused(logging.Filter):
    """A request that was refused is one line: its trace would tell of nobody's mistake here."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", None)
        if status is not None and status < HTTPStatus.INTERNAL_SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True
