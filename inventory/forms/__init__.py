"""What a person types on the pages of this room (PRODUCT §4, §5, §9)."""

from .adjusting import Draft, ProductRows, Row, SwapForm
from .reasons import NewReasonForm, ReasonForm
from .reports import PeriodForm

__all__ = ["Draft", "NewReasonForm", "PeriodForm", "ProductRows", "ReasonForm", "Row", "SwapForm"]
