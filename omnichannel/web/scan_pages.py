"""The two pages of a work that is scanned: its form, and the batches of the phone's queue."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

from . import scans
from .pages import KitPage

# Page, document, and what the button says behind the act's name.
FormAct = Callable[[Any, Any, str], HttpResponse]


class ScanForm(KitPage):
    """A document and its acts. Without scripts every scan is one of them, posted as a form.

    A button of the form is named `act`; its value is `name` or `name:about`. `ACTS` says by name
    what it calls.
    """

    ACTS: ClassVar[Mapping[str, FormAct]] = {}
    http_method_names = ["get", "head", "options", "post"]

    def document(self) -> Any:
        """What the address names, or 404."""
        raise NotImplementedError

    def show(self, document: Any, *, fault: str = "", status: int = 200) -> HttpResponse:
        raise NotImplementedError

    def refused(self, document: Any, refusal: ActionError) -> HttpResponse:
        return self.show(document, fault=str(refusal), status=409)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(self.document())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        document = self.document()
        name, _colon, about = request.POST.get("act", "scan").partition(":")
        act = self.ACTS.get(name)
        if act is None:
            return self.show(document, fault=_("There is no such act here."), status=400)
        try:
            return act(self, document, about)
        except ActionError as refusal:
            return self.refused(document, refusal)

    def key(self) -> uuid.UUID:
        """Of the act; the page drew it, so that a form sent twice acts once."""
        try:
            return uuid.UUID(self.request.POST.get("key", ""))
        except ValueError:
            return uuid.uuid4()


class ScanBatches(KitPage):
    """Batches of the queue: each scan kept once, answered with what came of it and the totals."""

    http_method_names = ["post", "options"]
    # What is said where there is no document.
    gone: Any = ""

    def document(self) -> Any:
        """What the address names, or 404."""
        raise NotImplementedError

    def take(self, document: Any, batch: list[scans.Scan]) -> tuple[Iterable[scans.Outcome], str]:
        """Outcomes, and the running totals as HTML.

        Raises:
            ActionError: nothing of the batch was kept.
        """
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: Any) -> JsonResponse:
        try:
            outcomes, html = self.take(self.document(), scans.read_batch(request))
        except Http404:
            return scans.refusal(str(self.gone), 404)
        except scans.BadBatch as fault:
            return scans.refusal(str(fault), 400)
        except ActionError as refused:
            return scans.refusal(str(refused), 409)
        return scans.answer(outcomes, html)
