import time
from pathlib import Path

from celery import shared_task


@shared_task(name="tests.sleep_and_write")
def sleep_and_write(seconds: float, begun: str, ended: str) -> None:
    Path(begun).write_text("begun")
    time.sleep(seconds)
    Path(ended).write_text("ended")
